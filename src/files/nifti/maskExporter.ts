/** The masks as one label map on the scan's own grid. */
import { CancelledError } from '../../core/errors';
import type { LabelVolume } from '../../volume/volume';
import type { Exporter } from '../exporter';
import { maskName } from '../names';
import { writeLabelNifti } from './writeNifti';

export const maskExporter = {
  id: 'nifti-mask',
  accepts: ({ volume }) => volume !== null,
  async write({ volume, labels, scanName, madeBy, description }, signal) {
    const bytes = await writeLabelNifti(volume as LabelVolume, { labelNames: labels, description });
    if (signal?.aborted) throw new CancelledError();
    return [{ name: maskName(scanName, madeBy), blob: new Blob([bytes], { type: 'application/gzip' }) }];
  },
} as const satisfies Exporter;
