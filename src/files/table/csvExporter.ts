/** Volumes of the structures as a table. */
import type { LabelSize } from '../../volume/statistics';
import type { Exporter } from '../exporter';
import { csvName } from '../names';
import { volumesCsv } from './volumesCsv';

export const csvExporter = {
  id: 'volumes-csv',
  accepts: ({ sizes }) => sizes !== null,
  async write({ scanName, madeBy, sizes, ...made }) {
    const table = volumesCsv({ ...made, sizes: sizes as ReadonlyMap<number, LabelSize> });
    return [{ name: csvName(scanName, madeBy), blob: new Blob([table], { type: 'text/csv' }) }];
  },
} as const satisfies Exporter;
