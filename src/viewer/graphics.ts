/** What draws with three.js, a third of the page's script: it comes when the page is there, and before the first scan. */
export { SliceRenderer } from './slice/sliceRenderer';
export { SourceTextures } from './textures/sourceTextures';
