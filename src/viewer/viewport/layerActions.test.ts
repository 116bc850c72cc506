import { describe, expect, it } from 'vitest';
import { scanOf, shownLabels, shownScan } from '../../testing/views';
import { applyAction } from './actions';
import { topLabelLayer, type ViewState } from './viewState';

describe('labels', () => {
  const start = shownScan([13, 17, 23]);
  const shown = shownLabels(start, [0, 1, 2, 5]);
  const hiddenIn = (view: ViewState) => [...(topLabelLayer(view)?.style.hidden ?? [])];

  it('solo hides the others, and solo again shows all', () => {
    const solo = applyAction(shown, { kind: 'solo-label', ids: [2] });
    expect(hiddenIn(solo)).toEqual([1, 5]);
    expect(hiddenIn(applyAction(solo, { kind: 'solo-label', ids: [2] }))).toEqual([]);
    expect(hiddenIn(applyAction(solo, { kind: 'solo-label', ids: [5] }))).toEqual([1, 2]);
  });

  it('toggle hides and shows one', () => {
    const hidden = applyAction(shown, { kind: 'toggle-label', ids: [5] });
    expect(hiddenIn(hidden)).toEqual([5]);
    expect(hiddenIn(applyAction(hidden, { kind: 'toggle-label', ids: [5] }))).toEqual([]);
  });

  it('a region is shown and hidden as one; shown in part, it becomes whole first', () => {
    const region = { kind: 'toggle-label', ids: [1, 2] } as const;
    const none = applyAction(shown, region);
    expect(hiddenIn(none)).toEqual([1, 2]);
    expect(hiddenIn(applyAction(none, region))).toEqual([]);
    const part = applyAction(shown, { kind: 'toggle-label', ids: [2] });
    expect(hiddenIn(applyAction(part, region))).toEqual([]);
    const solo = applyAction(part, { kind: 'solo-label', ids: [1, 2] });
    expect(hiddenIn(solo)).toEqual([5]);
    expect(hiddenIn(applyAction(solo, { kind: 'solo-label', ids: [1, 2] }))).toEqual([]);
  });

  it('while masks are off, every button says hidden, and one that is pressed shows its own', () => {
    const off = applyAction(shown, { kind: 'toggle-labels' });
    const one = applyAction(off, { kind: 'toggle-label', ids: [2] });
    expect([topLabelLayer(one)?.visible, ...hiddenIn(one)]).toEqual([true, 1, 5]);
    const solo = applyAction(shown, { kind: 'solo-label', ids: [2] });
    const again = applyAction(applyAction(solo, { kind: 'toggle-labels' }), { kind: 'solo-label', ids: [2] });
    expect([topLabelLayer(again)?.visible, ...hiddenIn(again)]).toEqual([true, 1, 5]);
  });

  it('a new scan forgets them', () => {
    expect(topLabelLayer(applyAction(shown, { kind: 'show-scan', scan: scanOf([5, 5, 5]) }))).toBeNull();
  });
});
