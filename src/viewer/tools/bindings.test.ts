import { describe, expect, it } from 'vitest';
import { canonicalGrid } from '../slice/sliceGeometry';
import { applyAction, INITIAL_VIEW, type ViewState } from '../viewport/viewState';
import { actionForKey, gestureForDrag, KEY_BINDINGS, WheelSlices } from './bindings';

const press = (key: string) => ({ key, ctrlKey: false, metaKey: false, altKey: false });

const scan = {
  grid: canonicalGrid({
    dimsXyz: [13, 17, 23],
    spacingXyz: [1, 1, 1],
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  }),
  stats: { min: -1024, max: 3071, low: -900, high: 700, looksLike: 'CT' as const },
};
const start = applyAction(INITIAL_VIEW, { kind: 'show-scan', scan });

const type = (view: ViewState, ...keys: string[]) =>
  keys.reduce((state, key) => {
    const action = actionForKey(press(key), state);
    return action ? applyAction(state, action) : state;
  }, view);

describe('keys', () => {
  it('bind each key once', () => {
    const keys = KEY_BINDINGS.flatMap((binding) => binding.keys);
    expect(keys.length).toBe(new Set(keys).size);
  });

  it('leave combinations with Ctrl, Cmd and Alt to the browser', () => {
    expect(actionForKey({ ...press('r'), ctrlKey: true }, start)).toBeNull();
    expect(actionForKey({ ...press('d'), metaKey: true }, start)).toBeNull();
    expect(actionForKey({ ...press('1'), altKey: true }, start)).toBeNull();
  });

  it.each([
    ['1', 400, 40],
    ['2', 1500, -600],
    ['3', 150, 90],
    ['4', 2500, 480],
    ['5', 80, 40],
  ])('%s sets the window W %d L %d', (key, width, center) => {
    expect(type(start, key).window).toEqual({ width, center });
  });

  it('0 goes back to the automatic window', () => {
    expect(type(start, '2', '0')).toMatchObject({ window: { center: -100, width: 1600 }, preset: 'auto' });
  });

  it('move through the slices of the active pane and stop at its ends', () => {
    expect(start.crosshair).toEqual([6, 8, 11]);
    expect(type(start, 'ArrowDown').crosshair).toEqual([6, 8, 10]);
    expect(type(start, 'ArrowUp').crosshair).toEqual([6, 8, 12]);
    expect(type(start, 'PageDown').crosshair).toEqual([6, 8, 1]);
    expect(type(start, 'PageDown', 'PageDown').crosshair).toEqual([6, 8, 0]);
    expect(type(start, 'End').crosshair).toEqual([6, 8, 22]);
    expect(type({ ...start, active: 'coronal' }, 'Home').crosshair).toEqual([6, 0, 11]);
    expect(type({ ...start, active: 'sagittal' }, 'PageUp').crosshair).toEqual([12, 8, 11]);
  });

  it('s, a, d, o act on the masks', () => {
    expect(type(start, 's').labelsVisible).toBe(false);
    expect(type(start, 'S', 's').labelsVisible).toBe(true);
    expect(type(start, 'd').opacity).toBeCloseTo(start.opacity + 0.1);
    expect(type(start, ...Array(20).fill('a')).opacity).toBe(0);
    expect(type(start, ...Array(20).fill('d')).opacity).toBe(1);
    expect([1, 2, 3].map((n) => type(start, ...Array(n).fill('o')).overlayMode)).toEqual(['fill', 'outline', 'both']);
  });

  it('x, i, m switch crosshair, grey levels and the maximised pane', () => {
    expect(type(start, 'x').crosshairVisible).toBe(false);
    expect(type(start, 'i').invert).toBe(true);
    expect(type({ ...start, active: 'sagittal' }, 'm').maximised).toBe('sagittal');
    expect(type(start, 'm', 'm').maximised).toBeNull();
  });

  it('r resets pan, zoom, window and grey levels, and leaves the crosshair', () => {
    const size = { width: 300, height: 200 };
    const moved = type(start, 'PageDown');
    let view = type(moved, '2', 'i');
    view = applyAction(view, { kind: 'zoom', plane: 'axial', factor: 3, at: [10, 10], size });
    view = applyAction(view, { kind: 'pan', plane: 'coronal', mm: [5, 6] });
    expect(view.panes).not.toEqual(start.panes);
    expect(type(view, 'r')).toEqual(moved);
  });

  it('c brings the crosshair to the middle and changes nothing else', () => {
    expect(type(start, 'PageDown', '2', 'c')).toEqual(type(start, '2'));
  });

  it('Escape leaves a maximised pane, and is the browser’s otherwise', () => {
    const maximised = type({ ...start, active: 'sagittal' }, 'm');
    expect(type(maximised, 'Escape').maximised).toBeNull();
    expect(type({ ...maximised, active: 'axial' }, 'Escape').maximised).toBeNull();
    expect(actionForKey(press('Escape'), start)).toBeNull();
  });

  it('held down, step on and do not flicker', () => {
    const held = (key: string) => actionForKey({ ...press(key), repeat: true }, type(start, 'm'));
    for (const key of ['ArrowDown', 'PageUp', 'a', 'd']) expect(held(key), key).not.toBeNull();
    for (const key of ['m', 's', 'i', 'x', 'o', 'Escape']) expect(held(key), key).toBeNull();
  });

  it('change nothing that needs a scan while there is none', () => {
    for (const key of ['ArrowUp', 'Home', '1', '0', 'r', 'c', 'Escape'])
      expect(type(INITIAL_VIEW, key)).toBe(INITIAL_VIEW);
  });
});

describe('gestures', () => {
  it('left windows, middle and shift-left pan, right zooms', () => {
    expect(gestureForDrag(0, false)).toBe('window');
    expect(gestureForDrag(0, true)).toBe('pan');
    expect(gestureForDrag(1, false)).toBe('pan');
    expect(gestureForDrag(2, false)).toBe('zoom');
    expect(gestureForDrag(3, false)).toBeNull();
  });

  /** What browsers send for notches of a wheel turned down, `wheelDeltaY` being 120 for each notch. */
  const px = (deltaY: number, notches?: number) => ({
    deltaY,
    deltaMode: 0,
    wheelDeltaY: notches === undefined ? undefined : -120 * notches,
  });

  it('one notch of a mouse wheel is one slice, down being the next (falling) one', () => {
    const wheel = new WheelSlices();
    expect(wheel.stepsFor(px(120, 1))).toBe(-1);
    expect(wheel.stepsFor(px(-100, -1))).toBe(1);
    expect(wheel.stepsFor({ deltaY: 3, deltaMode: 1 })).toBe(-1);
    expect(wheel.stepsFor({ deltaY: 1, deltaMode: 2 })).toBe(-1);
    // Twice the lines a notch, the page at half and at double size.
    expect([px(333.3, 1), px(53, 1), px(200, 1)].map((event) => wheel.stepsFor(event))).toEqual([-1, -1, -2]);
  });

  it.each([
    ['120 px a notch', px(1200, 10), -10],
    ['100 px a notch', px(1000, 10), -10],
    ['six of 100 px, which could be five of 120', px(600, 6), -6],
    ['up', px(-360, -3), 3],
    ['zoomed to 150 %', px(3 * 66.6667, 3), -3],
    ['lines', { deltaY: 12, deltaMode: 1, wheelDeltaY: -480 }, -4],
    ['pages', { deltaY: 2, deltaMode: 2, wheelDeltaY: -240 }, -2],
    ['not counted by the browser', px(500), -5],
    ['counted as one although more', px(1200, 1), -10],
    ['lines, not counted', { deltaY: -6, deltaMode: 1 }, 2],
  ])('several notches in one event are as many slices: %s', (_, event, slices) => {
    expect(new WheelSlices().stepsFor(event)).toBe(slices);
  });

  it('adds up the small travels of a trackpad, in one direction', () => {
    const wheel = new WheelSlices();
    // 20 px more than one slice are kept; sideways events between change nothing.
    expect([25, 25, 0, 30, 30].map((dy) => wheel.stepsFor(px(dy, dy / 40)))).toEqual([0, 0, 0, -1, 0]);
    expect(wheel.stepsFor(px(15, 15 / 40))).toBe(-1);
    wheel.stepsFor(px(50, 50 / 40));
    expect(wheel.stepsFor(px(-50, -50 / 40))).toBe(0);
    expect(wheel.stepsFor(px(-20, -0.5))).toBe(1);
    // A fling: several slices in one event, nothing of it lost. A Mac counts a notch for each 40 px.
    expect(wheel.stepsFor(px(-160, -4))).toBe(2);
    expect(wheel.stepsFor(px(-10, -0.25))).toBe(1);
  });
});

describe('labels', () => {
  const labels = [0, 1, 2, 5].map((id) => ({ id, name: `label ${id}`, color: [id, id, id] as const }));
  const shown = applyAction(start, { kind: 'show-labels', labels });

  it('solo hides the others, and solo again shows all', () => {
    const solo = applyAction(shown, { kind: 'solo-label', ids: [2] });
    expect([...solo.hidden]).toEqual([1, 5]);
    expect(applyAction(solo, { kind: 'solo-label', ids: [2] }).hidden.size).toBe(0);
    expect([...applyAction(solo, { kind: 'solo-label', ids: [5] }).hidden]).toEqual([1, 2]);
  });

  it('toggle hides and shows one', () => {
    const hidden = applyAction(shown, { kind: 'toggle-label', ids: [5] });
    expect([...hidden.hidden]).toEqual([5]);
    expect(applyAction(hidden, { kind: 'toggle-label', ids: [5] }).hidden.size).toBe(0);
  });

  it('a region is shown and hidden as one; shown in part, it becomes whole first', () => {
    const region = { kind: 'toggle-label', ids: [1, 2] } as const;
    const none = applyAction(shown, region);
    expect([...none.hidden]).toEqual([1, 2]);
    expect(applyAction(none, region).hidden.size).toBe(0);
    const part = applyAction(shown, { kind: 'toggle-label', ids: [2] });
    expect(applyAction(part, region).hidden.size).toBe(0);
    const solo = applyAction(part, { kind: 'solo-label', ids: [1, 2] });
    expect([...solo.hidden]).toEqual([5]);
    expect(applyAction(solo, { kind: 'solo-label', ids: [1, 2] }).hidden.size).toBe(0);
  });

  it('while masks are off, every button says hidden, and one that is pressed shows its own', () => {
    const off = applyAction(shown, { kind: 'toggle-labels' });
    const one = applyAction(off, { kind: 'toggle-label', ids: [2] });
    expect([one.labelsVisible, ...one.hidden]).toEqual([true, 1, 5]);
    const solo = applyAction(shown, { kind: 'solo-label', ids: [2] });
    const again = applyAction(applyAction(solo, { kind: 'toggle-labels' }), { kind: 'solo-label', ids: [2] });
    expect([again.labelsVisible, ...again.hidden]).toEqual([true, 1, 5]);
  });

  it('a new scan forgets them', () => {
    expect(applyAction(shown, { kind: 'show-scan', scan }).labels).toEqual([]);
  });
});
