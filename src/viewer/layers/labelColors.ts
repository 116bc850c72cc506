/** Label colours as the shader sees them. */

/** A label to draw. `color` is sRGB, 0..255. */
export interface LabelStyle {
  readonly id: number;
  readonly name: string;
  readonly color: readonly [number, number, number];
}

export const TABLE_SIZE = 256;

/**
 * 256 RGBA entries, one per label id. Alpha is 0 for background, hidden and unlisted ids, else 255; the overlay's
 * opacity is applied in the shader so that dragging it uploads nothing.
 */
export function colorTable(labels: readonly LabelStyle[], hidden: ReadonlySet<number>): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(TABLE_SIZE * 4);
  for (const { id, color } of labels) {
    if (id === 0) continue;
    table.set([color[0], color[1], color[2], hidden.has(id) ? 0 : 255], id * 4);
  }
  return table;
}

/**
 * What "solo" does to the hidden set: shows `only` these, or everything again when they already are all that is shown.
 */
export function toggleSolo(
  ids: readonly number[],
  hidden: ReadonlySet<number>,
  only: readonly number[],
): ReadonlySet<number> {
  const others = ids.filter((other) => !only.includes(other));
  const alone = !only.some((id) => hidden.has(id)) && others.every((other) => hidden.has(other));
  return new Set(alone ? [] : others);
}
