import type { MakeTool } from './tool';

/** Shows only the structure that is drawn at a place, or all again. */
export const soloLabel: MakeTool = ({ dispatch, probe }) => ({
  id: 'solo-label',
  click({ place }) {
    const found = place && probe(place);
    if (!found?.label || !found.labelMap || !found.labelShown || found.label.id === 0) return null;
    dispatch({ kind: 'solo-label', ids: [found.label.id], of: found.labelMap });
    return {};
  },
});
