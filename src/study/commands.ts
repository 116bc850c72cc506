/** The ways to change a study. Each is a function that makes a command; what it needs is looked up when it is applied. */
import { InternalError } from '../core/errors';
import { type Message, message } from '../core/messages';
import { millilitresPerVoxel } from '../volume/statistics';
import { byId, type LabelMap, type LabelMapId, type Scan, type ScanId, type StudyDocument } from './document';
import { applyDelta, inverted, type LabelDelta, sizesAfter } from './labelDelta';
import type { Command } from './study';

/** Scans beside those that are open. */
export const addScans = (scans: readonly Scan[]): Command =>
  exchange(message('add-scans', { names: namesOf(scans) }), () => NOTHING, placed(scans, []));

/** A label map beside those that are open. */
export const addLabelMap = (labelMap: LabelMap): Command =>
  exchange(message('add-masks', { name: labelMap.name }), () => NOTHING, placed([], [labelMap]));

/** A label map in the place of others. @param replaced ids of those that go */
export const replaceLabelMaps = (replaced: readonly LabelMapId[], labelMap: LabelMap): Command =>
  exchange(message('add-masks', { name: labelMap.name }), () => new Set(replaced), placed([], [labelMap]));

/** Takes scans away, and with them the label maps that lie over them; label maps that they were an input of stay. */
export const removeScans = (ids: readonly ScanId[]): Command =>
  exchange(
    message('remove-scans', { count: ids.length }),
    ({ labelMaps }) =>
      new Set<ItemId>([...ids, ...labelMaps.filter(({ over }) => ids.includes(over)).map(({ id }) => id)]),
    [],
  );

export const removeLabelMaps = (ids: readonly LabelMapId[]): Command =>
  exchange(message('remove-masks', { count: ids.length }), () => new Set(ids), []);

/** Scans instead of all that is open. */
export const replaceAll = (scans: readonly Scan[]): Command =>
  exchange(
    message('add-scans', { names: namesOf(scans) }),
    (document) => new Set(itemsOf(document).map(({ id }) => id)),
    placed(scans, []),
  );

/**
 * Writes labels into a label map; its revision counts up, its sizes are kept up to date.
 * @param delta as deltaOf makes it of the label map as it will be then
 * @param label what was done, for the list of what can be undone
 * @throws InternalError('label-map-gone'), and as applyDelta, when it is applied
 */
export const editLabels = (id: LabelMapId, delta: LabelDelta, label: Message): Command => ({
  label,
  apply(draft) {
    const labelMap = byId(draft.document.labelMaps, id);
    if (!labelMap) throw new InternalError('label-map-gone', { id });
    const { grid, sizes } = labelMap;
    applyDelta({ dimsXyz: grid.dimsXyz, data: draft.voxels.get(labelMap.voxels) }, delta);
    const edited: LabelMap = {
      ...labelMap,
      revision: labelMap.revision + 1,
      sizes: sizes && sizesAfter(sizes, delta, millilitresPerVoxel(grid.affine)),
    };
    draft.document = {
      ...draft.document,
      labelMaps: draft.document.labelMaps.map((one) => (one === labelMap ? edited : one)),
    };
    draft.edited({ labelMap: id, startXyz: delta.startXyz, dimsXyz: delta.dimsXyz });
    return editLabels(id, inverted(delta), label);
  },
});

/** Several commands as one, to be undone together. */
export const together = (label: Message, commands: readonly Command[]): Command => ({
  label,
  brings: commands.flatMap(({ brings = [] }) => brings),
  apply(draft) {
    const inverses: Command[] = [];
    try {
      for (const command of commands) inverses.unshift(command.apply(draft));
    } catch (error) {
      // The document is dropped with the draft; voxels that were changed already are changed back.
      for (const inverse of inverses) inverse.apply(draft);
      throw error;
    }
    return together(label, inverses);
  },
});

type Item = Scan | LabelMap;
type ItemId = Item['id'];

/** A scan or a label map, and its place in the list. */
interface Placed<One extends Item = Item> {
  readonly list: One extends Scan ? 'scans' : 'labelMaps';
  readonly at: number;
  readonly item: One;
}

const NOTHING: ReadonlySet<ItemId> = new Set();

const namesOf = (scans: readonly Scan[]) => scans.map(({ name }) => name).join(', ');

const itemsOf = ({ scans, labelMaps }: StudyDocument): readonly Item[] => [...scans, ...labelMaps];

/** Behind what is there. */
const placed = (scans: readonly Scan[], labelMaps: readonly LabelMap[]): readonly AnyPlaced[] => [
  ...scans.map((item) => ({ list: 'scans', at: Number.POSITIVE_INFINITY, item }) as const),
  ...labelMaps.map((item) => ({ list: 'labelMaps', at: Number.POSITIVE_INFINITY, item }) as const),
];

type AnyPlaced = Placed<Scan> | Placed<LabelMap>;

/**
 * Takes some things away and puts others in.
 * @param leaving ids of what goes, of the document as it is then
 * @param coming in ascending order of their places, which count what stays and what comes
 */
function exchange(
  label: Message,
  leaving: (document: StudyDocument) => ReadonlySet<ItemId>,
  coming: readonly AnyPlaced[],
): Command {
  return {
    label,
    brings: coming.map(({ item }) => item.voxels),
    apply(draft) {
      const { document } = draft;
      const ids = leaving(document);
      const gone: AnyPlaced[] = [
        ...document.scans.map((item, at) => ({ list: 'scans', at, item }) as const),
        ...document.labelMaps.map((item, at) => ({ list: 'labelMaps', at, item }) as const),
      ].filter(({ item }) => ids.has(item.id));
      const next = {
        scans: document.scans.filter(({ id }) => !ids.has(id)),
        labelMaps: document.labelMaps.filter(({ id }) => !ids.has(id)),
      };
      for (const one of coming) {
        if (one.list === 'scans') next.scans.splice(one.at, 0, one.item);
        else next.labelMaps.splice(one.at, 0, one.item);
      }
      // A list of which nothing comes or goes is the same list.
      const touched = new Set([...gone, ...coming].map(({ list }) => list));
      draft.document = { ...document, ...Object.fromEntries([...touched].map((list) => [list, next[list]])) };
      return exchange(label, () => new Set(coming.map(({ item }) => item.id)), gone);
    },
  };
}
