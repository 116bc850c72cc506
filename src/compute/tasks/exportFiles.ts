/** Files made of what is open: packing a mask takes seconds. */
import type { ExportSelection, NamedBlob } from '../../files/exporter';
import { EXPORTERS, type ExporterId } from '../../files/exporters';
import type { LabelVolume } from '../../volume/volume';
import type { Call } from '../../workers/calls';

export interface ExportInput {
  readonly exporter: ExporterId;
  /** The labels themselves are the call's only array, where there are any. */
  readonly selection: Omit<ExportSelection, 'volume'> & { readonly volume: Omit<LabelVolume, 'data'> | null };
}

/** @throws AppError that says what cannot be written so */
export const exportFiles: Call<ExportInput, readonly NamedBlob[]> = async ({ exporter, selection }, context) => {
  const chosen = EXPORTERS.find(({ id }) => id === exporter) as (typeof EXPORTERS)[number];
  const volume = selection.volume && { ...selection.volume, data: context.voxels[0] as Uint8Array };
  return chosen.write({ ...selection, volume }, context.signal);
};
