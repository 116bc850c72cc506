import type { MakeTool } from './tool';

/** Moves the crosshair at once: whether a click is the first of two is known only later. */
export const crosshair: MakeTool = ({ state, dispatch }) => ({
  id: 'crosshair',
  click({ place }, count) {
    if (!place) return null;
    // The second click of a double click says nothing new.
    if (count > 1) return {};
    const { crosshair: from } = state.getState();
    dispatch({ kind: 'crosshair', to: place });
    const { crosshair: to } = state.getState();
    return {
      takeBack: () => {
        // Something else may have moved it since.
        if (state.getState().crosshair === to) dispatch({ kind: 'crosshair', to: from });
      },
    };
  },
});
