import type { MakeTool } from './tool';

/** Gives one viewport all the room, or all of them theirs again. */
export const maximise: MakeTool = ({ dispatch }) => ({
  id: 'maximise',
  doubleClick: ({ viewport }) => dispatch({ kind: 'maximise', viewport }),
});
