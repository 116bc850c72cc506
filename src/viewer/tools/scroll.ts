import type { MakeTool } from './tool';
import { WheelSlices } from './wheel';

/** Goes through the slices. */
export const scroll: MakeTool = ({ dispatch }) => {
  const slices = new WheelSlices();
  return {
    id: 'scroll',
    wheel(travel, { viewport }) {
      const by = slices.stepsFor(travel);
      if (by !== 0) dispatch({ kind: 'step', viewport, by });
    },
  };
};
