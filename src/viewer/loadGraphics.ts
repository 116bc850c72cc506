/** Loading what draws, apart from the rest of the page. */

type Graphics = typeof import('./graphics');

let loaded: Graphics | null = null;

/** What draws, once it is there. */
export const loadedGraphics = (): Graphics | null => loaded;

/** Loads what draws; what is there or on its way is not loaded again. @throws where the file does not arrive */
export async function loadGraphics(): Promise<Graphics> {
  loaded ??= await import('./graphics');
  return loaded;
}
