import { type MakeTool, stepwise } from './tool';

/** Grey-scale window: right widens, down darkens. */
export const windowLevel: MakeTool = ({ dispatch }) => ({
  id: 'window-level',
  begin: (sample) => stepwise(sample, (dxPx, dyPx) => dispatch({ kind: 'drag-window', dxPx, dyPx })),
});
