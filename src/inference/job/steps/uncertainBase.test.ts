import { describe, expect, it } from 'vitest';
import { uncertainBase } from './uncertainBase';

const planes = (...all: [labelled: number, mean: number][]) =>
  all.map(([labelled, mean]) => ({ labelled, certainty: labelled * mean }));

describe('uncertainBase', () => {
  it.each([
    ['nothing where the base is sure', planes([90, 0.9], [80, 0.95], [10, 0.5]), [false, false, false]],
    [
      'up to the first sure plane',
      planes([40, 0.6], [0, 0], [90, 0.8], [80, 0.9], [9, 0.2], [8, 0.9]),
      [1, 1, 1, 0, 0, 0],
    ],
    ['from the other end', planes([8, 0.3], [20, 0.9], [60, 0.95], [70, 0.7]), [0, 0, 0, 1]],
    ['not beyond a sure plane', planes([90, 0.9], [80, 0.1], [10, 0.9]), [0, 0, 0]],
    ['nothing where none is sure', planes([90, 0.4], [10, 0.8]), [0, 0]],
    ['nothing of nothing', [], []],
  ])('marks %s', (_, certainties, expected) => {
    expect(uncertainBase(certainties, 0.875)).toEqual(expected.map(Boolean));
  });
});
