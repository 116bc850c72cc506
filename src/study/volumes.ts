/** Volumes, as readers make them and networks take them, and the scans and label maps of a study. */
import { newId } from '../core/ids';
import { intensityOfVolume } from '../volume/intensity';
import type { LabelVolume, Volume } from '../volume/volume';
import type { FileSource, LabelMap, Scan } from './document';
import type { VoxelHandle, VoxelStore } from './voxelStore';

const MODALITIES = { CT: 'CT', MR: 'MR', unknown: null } as const;

/**
 * A scan of a volume that was read from a file.
 * @param voxels takes the volume's array, not a copy
 */
export function scanOf(volume: Volume, voxels: VoxelStore): Scan {
  const { name, dimsXyz, spacingXyz, affine, orientationDoubt = null, labelMap = null, forms, warnings } = volume;
  const intensity = intensityOfVolume(volume);
  return {
    id: newId('scan'),
    name,
    grid: { dimsXyz, spacingXyz, affine },
    frame: orientationDoubt ? 'assumed' : 'scanner',
    orientationDoubt,
    modality: MODALITIES[intensity.looksLike],
    intensity,
    labelMap,
    source: forms ? { kind: 'nifti', fileName: name, forms } : { kind: 'plain', fileName: name },
    warnings,
    voxels: voxels.add(volume.data),
  };
}

/** A scan with its voxels. @throws InternalError('voxels-gone') when it is not open any more */
export function volumeOf(scan: Scan, voxels: Pick<VoxelStore, 'get'>): Volume {
  const { name, grid, warnings, intensity, orientationDoubt, labelMap, source } = scan;
  return {
    ...grid,
    name,
    warnings,
    intensity,
    data: voxels.get(scan.voxels),
    ...(orientationDoubt && { orientationDoubt }),
    ...(labelMap && { labelMap }),
    ...formsOf(source),
  };
}

/**
 * Labels with their voxels.
 * @param over the scan that they lie over, with whose header they are written
 * @throws InternalError('voxels-gone') when they are not open any more
 */
export function labelVolumeOf(
  labels: Pick<LabelMap, 'grid'> & { readonly voxels: VoxelHandle<'uint8'> },
  over: Scan | null,
  voxels: Pick<VoxelStore, 'get'>,
): LabelVolume {
  return { ...labels.grid, data: voxels.get(labels.voxels), ...(over && formsOf(over.source)) };
}

/** What of a source readers put into a volume, and writers of masks take from it. */
const formsOf = (source: FileSource) => (source.kind === 'nifti' ? { forms: source.forms } : {});
