import { describe, expect, it } from 'vitest';
import { shownLabels, shownScan } from '../../testing/views';
import { applyAction } from '../viewport/actions';
import { INITIAL_VIEW, shownScanLayer, topLabelLayer, type ViewState } from '../viewport/viewState';
import { actionForKey, KEY_BINDINGS } from './keyBindings';

const press = (key: string) => ({ key, ctrlKey: false, metaKey: false, altKey: false });

const start = shownScan([13, 17, 23], { min: -1024, max: 3071, low: -900, high: 700, looksLike: 'CT' });
const masked = shownLabels(start, [1, 2, 5]);
const styleOf = (view: ViewState) => shownScanLayer(view)?.style;

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
    expect(styleOf(type(start, key))?.window).toEqual({ width, center });
  });

  it('0 goes back to the automatic window', () => {
    expect(styleOf(type(start, '2', '0'))).toMatchObject({ window: { center: -100, width: 1600 }, preset: 'auto' });
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
    const layer = (...typed: string[]) => topLabelLayer(type(masked, ...typed));
    expect(layer('s')?.visible).toBe(false);
    expect(layer('S', 's')?.visible).toBe(true);
    expect(layer('d')?.opacity).toBeCloseTo((layer()?.opacity ?? 0) + 0.1);
    expect(layer(...Array(20).fill('a'))?.opacity).toBe(0);
    expect(layer(...Array(20).fill('d'))?.opacity).toBe(1);
    expect([1, 2, 3].map((n) => layer(...Array(n).fill('o'))?.style.mode)).toEqual(['fill', 'outline', 'both']);
  });

  it('x, i, m switch crosshair, grey levels and the maximised pane', () => {
    expect(type(start, 'x').crosshairVisible).toBe(false);
    expect(styleOf(type(start, 'i'))?.invert).toBe(true);
    expect(type({ ...start, active: 'sagittal' }, 'm').maximised).toBe('sagittal');
    expect(type(start, 'm', 'm').maximised).toBeNull();
  });

  it('r resets pan, zoom, window and grey levels, and leaves the crosshair', () => {
    const size = { width: 300, height: 200 };
    const moved = type(start, 'PageDown');
    let view = type(moved, '2', 'i');
    view = applyAction(view, { kind: 'zoom', viewport: 'axial', factor: 3, at: [10, 10], size });
    view = applyAction(view, { kind: 'pan', viewport: 'coronal', mm: [5, 6] });
    expect(view.viewports).not.toEqual(start.viewports);
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
