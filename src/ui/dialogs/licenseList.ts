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
 * @throws what fetch throws, or an Error where the answer is no list: a page that was never built has none
 */
export async function readLicenses(): Promise<LicenseList> {
  const response = await fetch(new URL('licenses.json', document.baseURI));
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()) as LicenseList;
}
