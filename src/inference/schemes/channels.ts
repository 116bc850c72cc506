/** Several scans as the channels of one input: they must lie on one grid, because no scheme resamples them onto another. */
import { InvalidInputError } from '../../core/errors';
import { gridDifference } from '../../volume/sameGrid';
import type { Volume } from '../../volume/volume';

/**
 * @param names of the channels the model takes, in order
 * @throws InvalidInputError('channels-missing') when there are fewer or more scans than channels,
 *   InvalidInputError('channel-grids-differ') naming the scan that lies on another grid than the first
 */
export function requireChannels(scans: readonly Volume[], names: readonly string[]): void {
  if (scans.length !== names.length) {
    throw new InvalidInputError('channels-missing', {
      channels: names.length,
      names: names.join(', '),
      scans: scans.length,
    });
  }
  const [first, ...others] = scans;
  for (const [i, scan] of others.entries()) {
    const difference = gridDifference(first, scan);
    if (!difference) continue;
    throw new InvalidInputError('channel-grids-differ', {
      channel: names[i + 1],
      name: scan.name,
      firstChannel: names[0],
      first: first.name,
      difference,
    });
  }
}
