import { sliceProjection } from '../viewport/pointing';
import { viewportOf } from '../viewport/viewState';
import { type MakeTool, type Sample, stepwise, type ToolHost } from './tool';

/** Moves the picture with the pointer. */
export function panBy({ state, dispatch }: ToolHost, { viewport, size }: Sample, dxPx: number, dyPx: number): void {
  const view = state.getState();
  const mapping = sliceProjection(view, viewportOf(view, viewport), size);
  if (mapping) dispatch({ kind: 'pan', viewport, mm: [dxPx * mapping.mmPerPixel, -dyPx * mapping.mmPerPixel] });
}

export const pan: MakeTool = (host) => ({
  id: 'pan',
  begin: (first) => stepwise(first, (dxPx, dyPx, sample) => panBy(host, sample, dxPx, dyPx)),
});
