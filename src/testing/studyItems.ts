/** Small scans and label maps for tests. */
import { newId } from '../core/ids';
import { message } from '../core/messages';
import type { LabelMap, Scan } from '../study/document';
import type { Study } from '../study/study';
import { scanOf } from '../study/volumes';
import type { Triple } from '../volume/grid';
import { labelVolumes } from '../volume/statistics';

export const DIMS: Triple = [3, 2, 1];

/** A scan of 3 x 2 x 1 voxels of 1 mm; its voxels are in the study's store, it is not open yet. */
export const aScan = (study: Study, name: string): Scan =>
  scanOf(
    {
      name,
      warnings: [],
      dimsXyz: DIMS,
      spacingXyz: [1, 1, 1],
      affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
      data: new Int16Array(6),
    },
    study.voxels,
  );

/** Masks of two structures that a model found in a scan; not open yet. */
export function aLabelMap(study: Study, over: Scan, name: string): LabelMap {
  const data = Uint8Array.of(0, 1, 1, 2, 2, 2);
  return {
    id: newId('labels'),
    name,
    grid: over.grid,
    labels: ['background', 'liver', 'heart'].map((structure, id) => ({ id, name: structure, color: [id, id, id] })),
    regions: [],
    madeFrom: {
      kind: 'model',
      model: { name: 'a-model', version: '1', title: 'A model', sha256: 'abc' },
      inputs: [{ scan: over.id, name: over.name, channel: 'CT' }],
      run: {
        provider: 'wasm',
        adapter: message('test'),
        reason: message('test'),
        milliseconds: 5,
        expected: null,
        windows: 1,
        memory: message('test'),
        warnings: [],
        finishedAt: '2026-01-01T00:00:00.000Z',
      },
    },
    over: over.id,
    revision: 0,
    sizes: labelVolumes({ ...over.grid, data }),
    savedRevision: null,
    voxels: study.voxels.add(data),
  };
}
