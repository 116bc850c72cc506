import { describe, expect, it } from 'vitest';
import { joinBoxes, wholeBox } from './box';

describe('two boxes joined', () => {
  it('are the smallest box with both, whichever comes first', () => {
    const a = { startXyz: [2, 5, 0], dimsXyz: [3, 1, 4] } as const;
    const b = { startXyz: [0, 5, 3], dimsXyz: [1, 7, 9] } as const;
    const both = { startXyz: [0, 5, 0], dimsXyz: [5, 7, 12] };
    expect(joinBoxes(a, b)).toEqual(both);
    expect(joinBoxes(b, a)).toEqual(both);
    expect(joinBoxes(a, wholeBox([13, 17, 23]))).toEqual(wholeBox([13, 17, 23]));
  });
});
