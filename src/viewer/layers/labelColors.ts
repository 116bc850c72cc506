/** Label colours as the shader sees them. */
import type { LabelDefinition } from '../../study/document';

export const TABLE_SIZE = 256;

/**
 * 256 RGBA entries, one per label id. Alpha is 0 for background, hidden and unlisted ids, else 255; the overlay's
 * opacity is applied in the shader so that dragging it uploads nothing.
 */
export function colorTable(
  labels: readonly Pick<LabelDefinition, 'id' | 'color'>[],
  hidden: ReadonlySet<number>,
): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(TABLE_SIZE * 4);
  for (const { id, color } of labels) {
    if (id === 0) continue;
    table.set([color[0], color[1], color[2], hidden.has(id) ? 0 : 255], id * 4);
  }
  return table;
}
