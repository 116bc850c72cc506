import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Affine, Grid, Triple } from '../volume/grid';
import type { LabelVolume, Volume } from '../volume/volume';
import { Viewer } from './viewer';
import { orientationDoubt } from './viewport/viewState';

const affine: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const grid: Grid = { dimsXyz: [3, 1, 2], spacingXyz: [1, 1, 1], affine };
const scan: Volume = { ...grid, data: Uint8Array.of(1, 2, 3, 4, 5, 6), name: 'scan.nii', warnings: [] };
const masks = (...data: number[]): LabelVolume => ({ ...grid, data: Uint8Array.from(data) });
const styles = ['no structure', 'liver', 'spleen'].map((name, id) => ({ id, name, color: [id, 0, 0] as const }));
const lower = { startXyz: [0, 0, 0], dimsXyz: [3, 1, 1] } as const;
const upper = { startXyz: [0, 0, 1], dimsXyz: [3, 1, 1] } as const;

/** A viewer with a scan, and what someone who watches the revision has read at `at` since. */
function watched(at: Triple) {
  const viewer = new Viewer();
  viewer.setVolume(scan);
  const seen: (string | undefined)[] = [];
  viewer.state.subscribe((now, before) => {
    if (now.labelRevision !== before.labelRevision) seen.push(viewer.probe(at)?.label?.name);
  });
  return { viewer, seen };
}

beforeEach(() => {
  vi.stubGlobal('requestAnimationFrame', () => 0);
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
  return () => vi.unstubAllGlobals();
});

describe('who watches the revision of the masks', () => {
  it('reads every part of masks in the making, written into one volume', () => {
    const { viewer, seen } = watched([1, 0, 1]);
    const partial = masks(1, 1, 1, 0, 0, 0);
    viewer.addLabels(partial, styles, lower);
    partial.data.fill(2, 3);
    viewer.addLabels(partial, styles, upper);
    expect(seen).toEqual(['no structure', 'spleen']);
  });

  it('reads finished masks of the same structures, and that they are gone', () => {
    const { viewer, seen } = watched([1, 0, 1]);
    viewer.addLabels(masks(1, 1, 1, 0, 0, 0), styles, lower);
    viewer.setLabels(masks(1, 1, 1, 2, 2, 2), styles);
    viewer.setLabels(masks(2, 2, 2, 1, 1, 1), styles);
    viewer.setLabels(null, []);
    expect(seen).toEqual(['no structure', 'spleen', 'liver', undefined]);
  });

  it('reads the masks of before when those in the making are dropped, whether of the same structures or not', () => {
    const { viewer, seen } = watched([1, 0, 1]);
    viewer.setLabels(masks(1, 1, 1, 1, 1, 1), styles);
    viewer.addLabels(masks(2, 2, 2, 0, 0, 0), styles, lower);
    viewer.dropUnfinishedLabels();
    viewer.addLabels(masks(2, 2, 2, 0, 0, 0), [...styles], lower);
    viewer.dropUnfinishedLabels();
    expect(seen).toEqual(['liver', 'no structure', 'liver', 'no structure', 'liver']);
  });
});

describe('masks of the same structures', () => {
  it('leave hidden what the user has hidden, part by part and when finished', () => {
    const { viewer } = watched([1, 0, 1]);
    const partial = masks(1, 1, 1, 0, 0, 0);
    viewer.addLabels(partial, styles, lower);
    viewer.dispatch({ kind: 'toggle-label', ids: [2] });
    viewer.addLabels(partial, styles, upper);
    viewer.setLabels(masks(1, 1, 1, 2, 2, 2), styles);
    expect([...viewer.state.getState().hidden]).toEqual([2]);
  });
});

describe('a scan whose sides are in doubt', () => {
  it('stays so until the user has confirmed it, channel by channel; the next scan is doubted anew', () => {
    const viewer = new Viewer();
    const doubt = () => orientationDoubt(viewer.state.getState());
    viewer.setVolume({ ...scan, orientationDoubt: 'unknown' });
    expect(doubt()).toBe('unknown');
    viewer.dispatch({ kind: 'confirm-orientation' });
    expect(doubt()).toBeNull();
    viewer.showChannel({ ...scan, orientationDoubt: 'unknown' });
    expect(doubt()).toBeNull();
    viewer.setVolume({ ...scan, orientationDoubt: 'disputed' });
    expect(doubt()).toBe('disputed');
    viewer.setVolume({ ...scan });
    expect(doubt()).toBeNull();
    viewer.setVolume({ ...scan, orientationDoubt: 'unknown' });
    viewer.setVolume(null);
    expect(doubt()).toBeNull();
  });
});
