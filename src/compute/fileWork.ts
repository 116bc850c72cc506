/** Reading, sorting and writing files and counting labels: what the page has the pool do, as functions. */
import { CancelledError } from '../core/errors';
import type { ExportSelection, NamedBlob } from '../files/exporter';
import type { ExporterId } from '../files/exporters';
import type { NamedGrid } from '../files/importer';
import type { NamedFile } from '../files/namedFile';
import type { LabelSize } from '../volume/statistics';
import type { LabelVolume, Volume } from '../volume/volume';
import type { ComputePool } from './pool';
import type { SortedDrop } from './tasks/sortDrop';

export interface FileWork {
  /** What of a drop can be opened. @throws InvalidInputError for archives and pairs that cannot be unpacked */
  sortDrop(files: readonly NamedFile[]): Promise<SortedDrop>;
  /** Puts files that are parts of one volume together. @throws InvalidInputError for parts that cannot be read */
  joinParts(files: readonly NamedFile[]): Promise<readonly NamedFile[]>;
  /** Where files' voxels lie, from their headers. @throws InvalidInputError */
  readGrids(files: readonly NamedFile[]): Promise<readonly NamedGrid[]>;
  /** @throws InvalidInputError that says why a file is not usable and what to do; CancelledError after an abort */
  readVolumes(files: readonly NamedFile[], signal?: AbortSignal): Promise<readonly Volume[]>;
  countLabels(labels: LabelVolume): Promise<ReadonlyMap<number, LabelSize>>;
  /** The selection's voxels stay the caller's. @throws AppError that says what cannot be written so */
  exportFiles(exporter: ExporterId, selection: ExportSelection): Promise<readonly NamedBlob[]>;
}

export const fileWorkOf = (pool: ComputePool): FileWork => ({
  sortDrop: (files) => pool.run('sortDrop', files),
  joinParts: (files) => pool.run('joinParts', files),
  readGrids: (files) => pool.run('readGrids', files),
  async readVolumes(files, signal) {
    const volumes: Volume[] = [];
    await pool.run('readVolumes', files, { signal, onEvent: (volume) => volumes.push(volume) });
    // Read to the end before the worker heard of it; volumes that came after the abort were not told.
    if (signal?.aborted) throw new CancelledError();
    return volumes;
  },
  countLabels: ({ data, ...grid }) => pool.run('countLabels', grid, { voxels: [data] }),
  exportFiles(exporter, { volume, ...selection }) {
    const { data, ...facts } = volume ?? { data: null };
    return pool.run(
      'exportFiles',
      { exporter, selection: { ...selection, volume: volume && (facts as Omit<LabelVolume, 'data'>) } },
      { voxels: data ? [data] : [] },
    );
  },
});
