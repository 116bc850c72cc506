/** Files that the page fetches when it needs them, from the list that the build makes (scripts/runtimeFiles.ts). */

/**
 * What such a file is needed for: 'compute-cpu' and 'compute-gpu' are ONNX Runtime's code for the main and for the graphics
 * processor; our own kernels are part of the page.
 */
export type RuntimePart = 'compute-cpu' | 'compute-gpu' | 'samples';

export interface RuntimeFile {
  /** Address relative to the page. A hash of the content is in it: what lies there never changes. */
  readonly url: string;
  readonly part: RuntimePart;
  /** MIME type. */
  readonly type: string;
  readonly bytes: number;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** Its name without the hash: the same in every version. */
export const nameOf = ({ url }: Pick<RuntimeFile, 'url'>): string => url.slice(url.lastIndexOf('/') + 1);
