/** How far two masks agree, for tests. */
import type { Volume } from '../volume/volume';

type Mask = Pick<Volume, 'dimsXyz' | 'data'>;

/** Rounding may move this many voxels of a label from one side of a border to the other, however small the label is. */
const ROUNDING_VOXELS = 2;

export interface Agreement {
  /** The fraction of equal voxels, and of those, where either mask has a label. */
  readonly all: number;
  readonly labelled: number;
  /** Labels that agree worse than asked, each with its Dice and its voxels: a small structure counts as much as a large one. */
  readonly apart: readonly string[];
}

/**
 * @param leastDice of every label that either mask has
 * @throws Error for masks of different sizes
 */
export function agreement(a: Mask, b: Mask, leastDice: number): Agreement {
  if (a.dimsXyz.join() !== b.dimsXyz.join()) throw new Error(`Masks of ${a.dimsXyz} and ${b.dimsXyz} voxels.`);
  const [inA, inB, inBoth] = [new Map<number, number>(), new Map<number, number>(), new Map<number, number>()];
  const count = (counts: Map<number, number>, label: number) => counts.set(label, (counts.get(label) ?? 0) + 1);
  let labelled = 0;
  for (let i = 0; i < a.data.length; i++) {
    count(inA, a.data[i]);
    count(inB, b.data[i]);
    if (a.data[i] === b.data[i]) count(inBoth, a.data[i]);
    if (a.data[i] !== 0 || b.data[i] !== 0) labelled++;
  }
  const sum = (counts: Map<number, number>) => [...counts.values()].reduce((total, voxels) => total + voxels, 0);
  const equal = sum(inBoth);
  const apart = [...new Set([...inA.keys(), ...inB.keys()])]
    .sort((one, other) => one - other)
    .flatMap((label) => {
      const [voxelsA, voxelsB, both] = [inA, inB, inBoth].map((counts) => counts.get(label) ?? 0);
      const dice = (2 * both) / (voxelsA + voxelsB);
      if (dice >= leastDice || voxelsA + voxelsB - 2 * both <= ROUNDING_VOXELS) return [];
      return [`${label}: Dice ${dice.toFixed(4)}, ${voxelsA} and ${voxelsB} voxels`];
    });
  const equalLabelled = equal - (inBoth.get(0) ?? 0);
  return { all: equal / a.data.length, labelled: labelled > 0 ? equalLabelled / labelled : 1, apart };
}
