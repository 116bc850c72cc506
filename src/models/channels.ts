/** Which scan goes into which channel of a model. */
import type { Manifest } from './manifest';

type Channel = Manifest['channels'][number];

/** The scan for each channel, by its index or id; null where none is chosen. */
export type Assignment<Scan = number> = readonly (Scan | null)[];

/** How well a hint fits: 0 not at all; a hint that stands by itself ('_t1.' rather than 't1ce') beats any other. */
function hintScore(fileName: string, hint: string): number {
  const name = fileName.toLowerCase();
  const text = hint.toLowerCase();
  const isWordPart = (character: string | undefined) => character !== undefined && /[a-z0-9]/.test(character);
  let best = 0;
  for (let at = name.indexOf(text); at >= 0; at = name.indexOf(text, at + 1)) {
    const before = isWordPart(name[at - 1]) && isWordPart(text[0]);
    const after = isWordPart(name[at + text.length]) && isWordPart(text.at(-1));
    best = Math.max(best, before || after ? text.length : 1000 + text.length);
  }
  return best;
}

/**
 * Assigns scans to channels by the channels' hints in the file names. Two that fit one channel go to it by the better
 * fit; what is left over is assigned only if nothing else is possible, since a wrong order gives wrong masks silently. A
 * model of one channel always gets a scan where there is one.
 * @param made choices that stay; scans have been added behind the ones they count
 * @example assignByName([{name: 'T1', hints: ['t1']}, {name: 'T2', hints: ['t2']}], ['a_t2.nii', 'a_t1.nii']) // [1, 0]
 */
export function assignByName(
  channels: readonly Channel[],
  fileNames: readonly string[],
  made: Assignment = [],
): Assignment {
  const assigned: (number | null)[] = channels.map((_, channel) => made[channel] ?? null);
  const fits = channels.flatMap(({ name, hints }, channel) =>
    fileNames.map((fileName, file) => ({
      channel,
      file,
      score: Math.max(...[...hints, name].map((hint) => hintScore(fileName, hint))),
    })),
  );
  for (const { channel, file } of fits.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score)) {
    if (assigned[channel] === null && !assigned.includes(file)) assigned[channel] = file;
  }
  const openChannels = assigned.flatMap((file, channel) => (file === null ? [channel] : []));
  const left = fileNames.flatMap((_, file) => (assigned.includes(file) ? [] : [file]));
  // A single channel asks no choice of the user: without a hint in any name the first scan is as good as another.
  const clear = channels.length === 1 ? left.length > 0 : openChannels.length === 1 && left.length === 1;
  if (clear && openChannels.length > 0) assigned[openChannels[0]] = left[0];
  return assigned;
}

/** Gives a scan to a channel; the channel that had it gets the other's, so that none is used twice. */
export function assignByHand<Scan>(now: Assignment<Scan>, channel: number, scan: Scan | null): Assignment<Scan> {
  const had = now[channel];
  return now.map((other, at) => (at === channel ? scan : other === scan && scan !== null ? had : other));
}
