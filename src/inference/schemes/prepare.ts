/** Scans -> what the network is run over, and how its labels come back to the scan's own voxels. Pure. */
import type { Steps } from '../../core/steps';
import type { Volume } from '../../volume/volume';
import { requireChannels } from './channels';
import { requireGridFits } from './gridLimit';
import { prepareMonai } from './monai';
import { prepareNnunet } from './nnunet';
import { prepareOrganscope } from './organscope';
import type { PipelineManifest, Prepared, PrepareOptions } from './prepared';

export type { PipelineManifest, Prepared, PrepareOptions } from './prepared';

/**
 * Prepares scans by the scheme that the manifest names.
 * @param scans one per channel of the model, in its order
 * @throws InvalidInputError for scans that do not fit the model or each other, or hold nothing to segment
 */
export function* prepare(
  scans: readonly Volume[],
  manifest: PipelineManifest,
  options: PrepareOptions = {},
): Steps<Prepared> {
  requireChannels(
    scans,
    manifest.channels.map(({ name }) => name),
  );
  const { pipeline } = manifest;
  requireGridFits(scans, pipeline.spacingDhw);
  switch (pipeline.scheme) {
    case 'organscope-v1':
      return yield* prepareOrganscope(scans[0], pipeline, manifest, options);
    case 'nnunet-v1':
    case 'nnunet-v2':
      return yield* prepareNnunet(scans, pipeline, manifest, options);
    case 'monai':
      return yield* prepareMonai(scans, pipeline, manifest, options);
  }
}
