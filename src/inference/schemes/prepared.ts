/** What every scheme makes of a scan, and what it may be asked. */

import type { Steps } from '../../core/steps';
import type { Manifest } from '../../models/manifest';
import type { View } from '../../volume/axisOrder';
import type { Triple } from '../../volume/grid';
import type { Activation, Reading, WindowJob } from '../windows/contract';

/** The parts of the manifest that preparing a scan depends on. */
export type PipelineManifest = Pick<Manifest, 'labels' | 'channels' | 'patchDhw' | 'pipeline' | 'output'>;

/** A scan ready for the windows. */
export interface Prepared {
  readonly job: WindowJob;
  /** Where the job's output grid lies among the scan's own voxels: nativeBox puts its slabs there. */
  readonly output: View;
  /** Where a coarse look at the scan first can tell which part of it to run; `job` is then all of it. */
  readonly firstLook?: FirstLook;
}

export interface FirstLook {
  readonly job: WindowJob;
  /** @param labels all that `job` put out: what is left to run */
  within(labels: Uint8Array<ArrayBuffer>): Steps<Prepared>;
}

/** Intermediate results, all channels one after another, in the network's axis order. */
export type Stage = 'cropped' | 'resampled' | 'normalised';

export interface PrepareOptions {
  /** Average over mirrored windows; absent: as the model says. Schemes that do not mirror ignore it. */
  readonly mirror?: boolean;
  /** Called with what it is given by reference: copy it to keep it. */
  readonly onStage?: (stage: Stage, channels: readonly ArrayLike<number>[], dimsDhw: Triple) => void;
}

/**
 * How outputs become labels.
 * @param when the activation is applied to each window ('window'), to the averages ('voxel'), or never because logits
 *   decide as probabilities would ('never': the largest logit has the largest softmax, and sigmoid(x) > 0.5 is x > 0)
 */
export function readingOf(output: Manifest['output'], when: 'window' | 'voxel' | 'never'): Reading {
  const at = (moment: typeof when): Activation => (moment === when ? output.activation : 'none');
  const threshold = when === 'never' ? 0 : 0.5;
  const regions = output.activation === 'sigmoid' ? { order: output.regionOrder, threshold } : null;
  return { perWindow: at('window'), perVoxel: at('voxel'), regions };
}

/** The values of all channels one after another, (C, D, H, W). */
export function joinChannels(channels: readonly Float32Array<ArrayBuffer>[]): Float32Array<ArrayBuffer> {
  if (channels.length === 1) return channels[0];
  const joined = new Float32Array(channels.reduce((sum, channel) => sum + channel.length, 0));
  let at = 0;
  for (const channel of channels) {
    joined.set(channel, at);
    at += channel.length;
  }
  return joined;
}

/** Values that are normalised already. */
export const AS_THEY_ARE = { offset: 0, scale: 1, low: -3.4e38, high: 3.4e38 };
