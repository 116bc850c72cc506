/** How good a model is, in one number. */

/**
 * Mean Dice over the model's own structures that the scan has; null when none was measured. Sums over several structures
 * that an evaluation may list beside them ('all structures') are no structures.
 */
export function meanDice(
  dice: Readonly<Record<string, number | null>>,
  labels: readonly { readonly name: string }[],
): number | null {
  const measured = labels.map(({ name }) => dice[name] ?? null).filter((value) => value !== null);
  return measured.length === 0 ? null : measured.reduce((sum, value) => sum + value, 0) / measured.length;
}
