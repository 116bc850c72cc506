import { type MakeTool, type Sample, stepwise, type ToolHost } from './tool';
import { wheelPixels } from './wheel';

/** A drag of this many pixels down doubles the size. */
const DOUBLING_PX = 150;
/** Ctrl + wheel, and trackpads, whose pinches browsers send as that. */
const WHEEL_ZOOM_PER_PX = 0.002;

/** Keeps what lies at the sample where it is. */
export function zoomBy({ dispatch }: ToolHost, { viewport, x, y, size }: Sample, factor: number): void {
  dispatch({ kind: 'zoom', viewport, factor, at: [x, y], size });
}

export const zoom: MakeTool = (host) => ({
  id: 'zoom',
  begin: (first) => stepwise(first, (_, dyPx) => zoomBy(host, first, 2 ** (dyPx / DOUBLING_PX))),
  wheel: (travel, sample) => zoomBy(host, sample, Math.exp(-wheelPixels(travel) * WHEEL_ZOOM_PER_PX)),
});
