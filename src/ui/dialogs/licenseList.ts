/** `licenses.json` of a build, as scripts/licenses.ts writes it. */

export interface LicensedPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
  readonly text: string;
}

export interface LicensedModel {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  readonly license: string;
  readonly trainingData: readonly { readonly name: string; readonly license: string; readonly source: string }[];
}

export interface LicenseList {
  readonly organscope: LicensedPackage;
  readonly packages: readonly LicensedPackage[];
  readonly models: readonly LicensedModel[];
  /** Addresses below the page's of further texts. */
  readonly notices: readonly string[];
}

/**
 * @returns the licences of the running build
 * @throws an Error where they cannot be had: a page that was never built has none
 */
export const readLicenses = async (): Promise<LicenseList> => JSON.parse(await readText('licenses.json'));

/** @param path one of `notices` @returns its text @throws as readLicenses does */
export const readNotice = (path: string): Promise<string> => readText(path);

async function readText(path: string): Promise<string> {
  const response = await fetch(new URL(path, document.baseURI));
  if (!response.ok) throw new Error(String(response.status));
  return response.text();
}
