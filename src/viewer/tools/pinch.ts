import { panBy } from './pan';
import type { MakeTool } from './tool';
import { zoomBy } from './zoom';

/** Two fingers zoom, and move the picture with them. */
export const pinch: MakeTool = (host) => ({
  id: 'pinch',
  pinch({ dxPx, dyPx, factor }, middle) {
    panBy(host, middle, dxPx, dyPx);
    zoomBy(host, middle, factor);
  },
});
