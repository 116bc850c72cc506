/** A label map that the user opened, as masks with names, colours and sizes. */
import { type Message, message } from '../core/messages';
import type { LabelDefinition, LabelMap } from '../study/document';
import type { Grid, Triple } from '../volume/grid';
import { gridDifference } from '../volume/sameGrid';
import { type LabelSize, millilitresPerVoxel } from '../volume/statistics';
import type { Volume } from '../volume/volume';
import type { Question } from './questions';

/** Hues a golden section apart, of which any few in a row are easy to tell from each other. */
function colorOf(id: number): Triple {
  const hue = (id * 0.618034 * 6) % 6;
  const channel = (shift: number) => {
    const at = (hue + shift) % 6;
    return Math.round(70 + 170 * Math.max(0, Math.min(1, Math.min(at, 4 - at))));
  };
  return [channel(2), channel(0), channel(4)];
}

/** What masks of a file are, before they lie over a scan. */
export interface FileMasks extends Pick<LabelMap, 'labels' | 'regions'> {
  readonly data: Uint8Array;
  readonly sizes: ReadonlyMap<number, LabelSize>;
}

/** The masks of a label map that can be drawn; null where it holds none (`labelMap.unusable` says why). */
export function masksOf({ data, affine, labelMap }: Volume): FileMasks | null {
  if (!labelMap?.voxels || !(data instanceof Uint8Array)) return null;
  const mlPerVoxel = millilitresPerVoxel(affine);
  const names = new Map(labelMap.names.map((one) => [one.id, one]));
  const labels = [...labelMap.voxels.keys()].map(
    (id): LabelDefinition => ({
      id,
      name: names.get(id)?.name ?? (id === 0 ? 'background' : `Label ${id}`),
      color: names.get(id)?.color ?? colorOf(id),
    }),
  );
  const sizes = new Map([...labelMap.voxels].map(([id, voxels]) => [id, { voxels, ml: voxels * mlPerVoxel }]));
  return { data, labels, regions: [], sizes };
}

/** What a label map is meant to be, beside an open scan. */
export function mapQuestion(map: Volume, scan: Grid & Pick<Volume, 'name'>): Question {
  const { labelMap, name } = map;
  const difference = gridDifference(scan, map);
  const why = labelMap?.unusable
    ? message('map-cannot-be-drawn', { unusable: labelMap.unusable })
    : difference && message('map-not-on-grid', { difference });
  const says = labelMap?.because === 'header' ? message('label-map-by-header') : message('label-map-by-values');
  const asScan = { answer: 'scan', label: message('open-as-scan') } as const;
  const cancel = { answer: 'keep', label: message('do-not-open') } as const;
  return {
    title: message('looks-like-label-map'),
    text: why
      ? message('map-on-other-grid', { name, says, scan: scan.name, why })
      : message('map-on-grid', { name, says, scan: scan.name }),
    answers: why ? [cancel, asScan] : [{ answer: 'overlay', label: message('show-map-over-scan') }, asScan, cancel],
  };
}

/** Said when label maps were opened as scans without a question. */
export const mapsAsScans = (maps: readonly Pick<Volume, 'name'>[]): Message =>
  maps.length === 1
    ? message('map-shown-as-picture', { name: maps[0].name })
    : message('maps-shown-as-pictures', { names: maps.map(({ name }) => name).join(', ') });
