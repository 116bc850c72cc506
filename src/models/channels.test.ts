import { describe, expect, it } from 'vitest';
import { assignByHand, assignByName } from './channels';

const brats = [
  { name: 'T1', hints: ['t1', '_0000'] },
  { name: 'T1ce', hints: ['t1ce', 't1gd', '_0001'] },
  { name: 'T2', hints: ['t2', '_0002'] },
  { name: 'FLAIR', hints: ['flair', '_0003'] },
];

describe('assigning scans to channels by name', () => {
  it.each([
    [
      ['p_flair.nii.gz', 'p_t1.nii.gz', 'p_t1ce.nii.gz', 'p_t2.nii.gz'],
      [1, 2, 3, 0],
    ],
    [
      ['BRATS_001_0003.nii.gz', 'BRATS_001_0002.nii.gz', 'BRATS_001_0001.nii.gz', 'BRATS_001_0000.nii.gz'],
      [3, 2, 1, 0],
    ],
    [
      ['sub-01_T2w.nii', 'sub-01_T1w.nii', 'sub-01_FLAIR.nii', 'sub-01_T1Gd.nii'],
      [1, 3, 0, 2],
    ],
    // "part1" contains t1, but a hint that stands by itself goes first.
    [
      ['part1_t2.nii', 'part1_t1.nii', 'part1_flair.nii', 'part1_t1ce.nii'],
      [1, 3, 0, 2],
    ],
  ])('%j', (names, expected) => {
    expect(assignByName(brats, names)).toEqual(expected);
  });

  it('fills the last channel with the last scan, since nothing else is left', () => {
    expect(assignByName(brats, ['a_t1.nii', 'a_t2.nii', 'scan.nii', 'a_flair.nii'])).toEqual([0, 2, 1, 3]);
  });

  it('guesses nothing when names say nothing', () => {
    expect(assignByName(brats, ['a.nii', 'b.nii', 'c.nii', 'd.nii'])).toEqual([null, null, null, null]);
  });

  it('never uses one scan twice, and leaves channels without a scan open', () => {
    expect(assignByName(brats, ['x_t1.nii', 'x_t1_again.nii'])).toEqual([0, null, null, null]);
  });

  it('gives a model of one channel the first scan where no name fits', () => {
    expect(assignByName([{ name: 'T2', hints: ['t2'] }], ['t1.nii', 'other.nii'])).toEqual([0]);
    expect(assignByName([{ name: 'T2', hints: ['t2'] }], [])).toEqual([null]);
  });

  it('gives a model of one channel the scan that its hints name, wherever that stands, and keeps a choice by hand', () => {
    const t1 = [{ name: 'structural MR', hints: ['t1'] }];
    expect(assignByName(t1, ['p_flair.nii', 'p_t1.nii'])).toEqual([1]);
    expect(assignByName(t1, ['p_flair.nii', 'part1_t2.nii', 'p_t1.nii'])).toEqual([2]);
    expect(assignByName(t1, ['p_flair.nii', 'p_t1.nii'], [0])).toEqual([0]);
  });
});

describe('assigning by hand', () => {
  it('swaps with the channel that had the scan', () => {
    expect(assignByHand([0, 1, null], 0, 1)).toEqual([1, 0, null]);
    expect(assignByHand([0, 1, null], 2, 1)).toEqual([0, null, 1]);
    expect(assignByHand([0, 1, null], 0, null)).toEqual([null, 1, null]);
  });

  it('outlives scans that are opened later', () => {
    const names = ['x_t1.nii', 'b.nii', 'x_t1ce.nii', 'x_t2.nii'];
    // b.nii was put into FLAIR by hand, x_t1.nii into T2.
    expect(assignByName(brats, names, [null, null, 0, 1])).toEqual([3, 2, 0, 1]);
  });
});
