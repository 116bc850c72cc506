import { beforeEach, describe, expect, it, vi } from 'vitest';
import { gridOf, labelMapId, labelSource, scanSource } from '../testing/views';
import type { Triple } from '../volume/grid';
import type { LabelSource } from './layers/sources';
import { Viewer } from './viewer';
import { orientationDoubt, topLabelLayer } from './viewport/viewState';

const grid = gridOf([3, 1, 2]);
const scan = scanSource('scan', grid, Uint8Array.of(1, 2, 3, 4, 5, 6));
const styles = ['no structure', 'liver', 'spleen'].map((name, id) => ({ id, name, color: [id, 0, 0] as const }));
const masks = (id: string, data: number[], more: Partial<LabelSource> = {}) =>
  labelSource(id, grid, Uint8Array.from(data), { labels: styles, ...more });
const lower = { startXyz: [0, 0, 0], dimsXyz: [3, 1, 1] } as const;
const upper = { startXyz: [0, 0, 1], dimsXyz: [3, 1, 1] } as const;

/** A viewer with a scan, and what someone who watches the label maps has read at `at` since. */
function watched(at: Triple) {
  const viewer = new Viewer();
  viewer.setScan(scan);
  const seen: (string | undefined)[] = [];
  viewer.state.subscribe((now, before) => {
    if (now.labelMaps !== before.labelMaps) seen.push(viewer.probe(at)?.label?.name);
  });
  /** Shows masks in the making, alone. */
  const making = (map: LabelSource, ...others: LabelSource[]) => viewer.setLabelMaps([...others, map], map.id);
  return { viewer, seen, making };
}

beforeEach(() => {
  vi.stubGlobal('requestAnimationFrame', () => 0);
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
  return () => vi.unstubAllGlobals();
});

describe('who watches the label maps', () => {
  it('reads every part of masks in the making, written into one array', () => {
    const { making, seen } = watched([1, 0, 1]);
    const partial = masks('run', [1, 1, 1, 0, 0, 0], { changed: lower });
    making(partial);
    partial.data.fill(2, 3);
    making({ ...partial, revision: 1, changed: upper });
    expect(seen).toEqual(['no structure', 'spleen']);
  });

  it('reads finished masks of the same structures, and that they are gone', () => {
    const { viewer, making, seen } = watched([1, 0, 1]);
    making(masks('run', [1, 1, 1, 0, 0, 0], { changed: lower }));
    viewer.setLabelMaps([masks('first', [1, 1, 1, 2, 2, 2])]);
    viewer.setLabelMaps([masks('second', [2, 2, 2, 1, 1, 1])]);
    viewer.setLabelMaps([]);
    expect(seen).toEqual(['no structure', 'spleen', 'liver', undefined]);
  });

  it('reads the masks of before when those in the making are dropped, whether of the same structures or not', () => {
    const { viewer, making, seen } = watched([1, 0, 1]);
    const finished = masks('finished', [1, 1, 1, 1, 1, 1]);
    viewer.setLabelMaps([finished]);
    making(masks('run', [2, 2, 2, 0, 0, 0]), finished);
    viewer.setLabelMaps([finished]);
    making(masks('another', [2, 2, 2, 0, 0, 0], { labels: [...styles] }), finished);
    viewer.setLabelMaps([finished]);
    expect(seen).toEqual(['liver', 'no structure', 'liver', 'no structure', 'liver']);
  });
});

describe('masks of the same structures', () => {
  it('leave hidden what the user has hidden, part by part, when finished and when dropped', () => {
    const { viewer, making } = watched([1, 0, 1]);
    const hidden = () => [...(topLabelLayer(viewer.state.getState())?.style.hidden ?? [])];
    const partial = masks('run', [1, 1, 1, 0, 0, 0], { changed: lower });
    making(partial);
    viewer.dispatch({ kind: 'toggle-label', ids: [2] });
    making({ ...partial, revision: 1, changed: upper });
    const finished = masks('finished', [1, 1, 1, 2, 2, 2]);
    viewer.setLabelMaps([finished]);
    expect(hidden()).toEqual([2]);
    making(masks('again', [0, 0, 0, 0, 0, 0]), finished);
    viewer.dispatch({ kind: 'toggle-label', ids: [1] });
    viewer.setLabelMaps([finished]);
    expect(hidden()).toEqual([2, 1]);
  });

  it('of other structures, hidden and switched-off ones come back as they were', () => {
    const { viewer, making } = watched([1, 0, 1]);
    const layer = () => topLabelLayer(viewer.state.getState());
    const finished = masks('finished', [1, 1, 1, 2, 2, 2]);
    viewer.setLabelMaps([finished]);
    viewer.dispatch({ kind: 'toggle-label', ids: [2] });
    viewer.dispatch({ kind: 'toggle-labels' });
    making(masks('run', [0, 0, 0, 0, 0, 0], { labels: [...styles] }), finished);
    expect([layer()?.visible, ...(layer()?.style.hidden ?? [])]).toEqual([true]);
    // How masks are drawn goes for all of them.
    viewer.dispatch({ kind: 'opacity', value: 0.8 });
    viewer.setLabelMaps([finished]);
    expect([layer()?.visible, layer()?.opacity, ...(layer()?.style.hidden ?? [])]).toEqual([false, 0.8, 2]);
  });
});

describe('two label maps over one scan', () => {
  it('are read from the top, through background, and hidden each on its own', () => {
    const { viewer } = watched([1, 0, 1]);
    const [below, above] = [masks('below', [1, 1, 1, 1, 1, 1]), masks('above', [2, 2, 2, 2, 0, 2])];
    viewer.setLabelMaps([below, above]);
    const read = (at: Triple) => {
      const found = viewer.probe(at);
      return [found?.label?.name, found?.labelMap, found?.labelShown];
    };
    expect(read([0, 0, 1])).toEqual(['spleen', 'above', true]);
    expect(read([1, 0, 1])).toEqual(['liver', 'below', true]);
    viewer.dispatch({ kind: 'solo-label', ids: [2], of: labelMapId('below') });
    expect([read([0, 0, 1]), read([1, 0, 1])]).toEqual([
      ['spleen', 'above', true],
      ['liver', 'below', false],
    ]);
  });

  it('have to be on its grid', () => {
    const { viewer } = watched([1, 0, 1]);
    expect(() => viewer.setLabelMaps([masks('short', [1, 1, 1])])).toThrow(
      expect.objectContaining({ code: 'labels-off-grid' }),
    );
  });
});

describe('a scan whose sides are in doubt', () => {
  it('stays so until the user has confirmed it, channel by channel; the next scan is doubted anew', () => {
    const viewer = new Viewer();
    const inDoubt = (id: string, doubt: 'unknown' | 'disputed' | null) => ({
      ...scanSource(id, grid, scan.data),
      orientationDoubt: doubt,
    });
    const doubt = () => orientationDoubt(viewer.state.getState());
    viewer.setScan(inDoubt('b', 'unknown'));
    expect(doubt()).toBe('unknown');
    viewer.dispatch({ kind: 'confirm-orientation' });
    expect(doubt()).toBeNull();
    viewer.showChannel(inDoubt('c', 'unknown'));
    expect(doubt()).toBeNull();
    viewer.setScan(inDoubt('d', 'disputed'));
    expect(doubt()).toBe('disputed');
    viewer.setScan(inDoubt('e', null));
    expect(doubt()).toBeNull();
    viewer.setScan(inDoubt('f', 'unknown'));
    viewer.setScan(null);
    expect(doubt()).toBeNull();
  });
});
