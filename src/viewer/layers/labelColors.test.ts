import { describe, expect, it } from 'vitest';
import { colorTable } from './labelColors';

const labels = [
  { id: 0, name: 'background', color: [9, 9, 9] },
  { id: 3, name: 'liver', color: [221, 130, 101] },
  { id: 255, name: 'last', color: [1, 2, 3] },
] as const;

const entry = (table: Uint8Array, id: number) => [...table.subarray(4 * id, 4 * id + 4)];

describe('colorTable', () => {
  it('puts every colour at its label id, sparse ids included', () => {
    const table = colorTable(labels, new Set());
    expect(table.length).toBe(1024);
    expect(entry(table, 3)).toEqual([221, 130, 101, 255]);
    expect(entry(table, 255)).toEqual([1, 2, 3, 255]);
  });

  it('never draws background, hidden labels, or ids that the model does not list', () => {
    const table = colorTable(labels, new Set([3]));
    expect([0, 3, 4].map((id) => entry(table, id)[3])).toEqual([0, 0, 0]);
  });
});
