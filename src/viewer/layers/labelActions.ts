/** What the user does to the masks of a layer, as pure functions. */
import type { LabelDefinition } from '../../study/document';
import type { LabelLayer } from './layer';
import { structureIds } from './sources';

/** While a layer is off all of its structures are hidden, as their buttons say; showing one then shows that one. */
const hiddenNow = ({ visible, style }: LabelLayer, labels: readonly LabelDefinition[]): ReadonlySet<number> =>
  visible ? style.hidden : new Set(structureIds(labels));

const withHidden = (layer: LabelLayer, hidden: ReadonlySet<number>): LabelLayer => ({
  ...layer,
  visible: true,
  style: { ...layer.style, hidden },
});

/** Shows or hides structures as one; several are a region, which is shown as a whole first where it is shown in part. */
export function toggleLabels(
  layer: LabelLayer,
  labels: readonly LabelDefinition[],
  ids: readonly number[],
): LabelLayer {
  const hidden = new Set(hiddenNow(layer, labels));
  const show = ids.some((id) => hidden.has(id));
  for (const id of ids) show ? hidden.delete(id) : hidden.add(id);
  return withHidden(layer, hidden);
}

/** Shows these structures alone, or all of them again. */
export const soloLabels = (layer: LabelLayer, labels: readonly LabelDefinition[], ids: readonly number[]): LabelLayer =>
  withHidden(layer, toggleSolo(structureIds(labels), hiddenNow(layer, labels), ids));

export const showAllLabels = (layer: LabelLayer): LabelLayer => withHidden(layer, new Set());

/**
 * What "solo" does to the hidden set: shows `only` these, or everything again when they already are all that is shown.
 */
function toggleSolo(ids: readonly number[], hidden: ReadonlySet<number>, only: readonly number[]): ReadonlySet<number> {
  const others = ids.filter((other) => !only.includes(other));
  const alone = !only.some((id) => hidden.has(id)) && others.every((other) => hidden.has(other));
  return new Set(alone ? [] : others);
}
