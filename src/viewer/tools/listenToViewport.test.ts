import { beforeEach, describe, expect, it, vi } from 'vitest';
import { gridOf, labelSource, scanSource } from '../../testing/views';
import { Viewer } from '../viewer';
import { readPlace } from '../viewport/pointing';
import { shownScanLayer, topLabelLayer, type ViewState, viewportOf } from '../viewport/viewState';
import { listenToViewport } from './listenToViewport';
import { trackPointer } from './trackPointer';

const rect = { left: 10, top: 20, width: 100, height: 100 };

/** A pane of 100 x 100 pixels; what the DOM adds to an event target is not needed here. */
class FakePane extends EventTarget {
  getBoundingClientRect = () => rect;
  focus() {}
  setPointerCapture() {}
  send(type: string, properties: object = {}) {
    this.dispatchEvent(
      Object.assign(new Event(type, { cancelable: true }), { pointerId: 1, ...NO_KEYS, ...properties }),
    );
  }
}

const grid = gridOf([10, 10, 30]);
const NO_KEYS = { shiftKey: false, altKey: false, ctrlKey: false, metaKey: false };

/** An axial pane with a scan whose value is the slice's index; a voxel is 8.8 pixels. */
function axialPane() {
  const viewer = new Viewer();
  const data = Uint8Array.from({ length: 3000 }, (_, i) => Math.floor(i / 100));
  viewer.setScan(scanSource('scan', grid, data));
  const pane = new FakePane();
  const element = pane as unknown as HTMLElement;
  viewer.setViewportElement('axial', element);
  listenToViewport(element, 'axial', viewer);
  trackPointer(element, viewer);
  const click = (clientX: number, clientY: number, detail = 1, more: object = {}) => {
    const place = { clientX, clientY, button: 0, ...more };
    pane.send('pointerdown', { ...place, buttons: 1 });
    pane.send('pointerup', { ...place, buttons: 0 });
    pane.send('click', { ...place, detail });
  };
  const doubleClick = (x: number, y: number, more: object = {}) => {
    click(x, y, 1, more);
    click(x, y, 2, more);
    pane.send('dblclick', { clientX: x, clientY: y, detail: 2, ...more });
  };
  return { viewer, pane, click, doubleClick, view: () => viewer.state.getState() };
}

beforeEach(() => {
  vi.stubGlobal('requestAnimationFrame', () => 0);
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
  return () => vi.unstubAllGlobals();
});

describe('a click', () => {
  it('moves the crosshair at once', () => {
    const { click, view } = axialPane();
    click(90, 40);
    expect(view().crosshair).toEqual([1, 8, 15]);
  });

  it('is no click after a drag, or with another button', () => {
    const { pane, click, view } = axialPane();
    const before = view().crosshair;
    pane.send('pointerdown', { clientX: 50, clientY: 50, button: 0 });
    pane.send('pointermove', { clientX: 80, clientY: 50, buttons: 1 });
    pane.send('pointerup', { clientX: 80, clientY: 50, button: 0, buttons: 0 });
    pane.send('click', { clientX: 80, clientY: 50, detail: 1 });
    click(90, 40, 1, { button: 2 });
    click(90, 40, 1, { shiftKey: true });
    expect(view().crosshair).toBe(before);
  });

  it('on a mask shows only that with Alt, but moves the crosshair where the mask is hidden', () => {
    const { viewer, click, view } = axialPane();
    viewer.setLabelMaps([labelSource('masks', grid, new Uint8Array(3000).fill(2))]);
    const hidden = () => [...(topLabelLayer(view())?.style.hidden ?? [])];
    click(90, 40, 1, { altKey: true });
    expect(hidden()).toEqual([1, 3]);
    // Twice, and quickly: all again, and no pane is maximised by it.
    click(90, 40, 2, { altKey: true });
    expect(hidden()).toEqual([]);
    viewer.dispatch({ kind: 'toggle-label', ids: [2] });
    click(90, 40, 1, { altKey: true });
    expect(hidden()).toEqual([2]);
    expect(view().crosshair).toEqual([1, 8, 15]);
  });
});

describe('a double click', () => {
  it('maximises and leaves the crosshair', () => {
    const { doubleClick, view } = axialPane();
    const before = view().crosshair;
    doubleClick(90, 40);
    expect(view()).toMatchObject({ maximised: 'axial', crosshair: before });
    doubleClick(30, 40);
    expect(view()).toMatchObject({ maximised: null, crosshair: before });
  });

  it('takes nothing back but its own first click', () => {
    const { click, doubleClick, view, viewer } = axialPane();
    click(30, 90);
    const clicked = view().crosshair;
    doubleClick(90, 40);
    expect(view().crosshair).toEqual(clicked);
    // With Shift no click has moved anything, however the last one did.
    click(30, 30);
    doubleClick(90, 40, { shiftKey: true });
    expect(view().crosshair).toEqual([8, 9, 15]);
    click(90, 40);
    viewer.dispatch({ kind: 'step', viewport: 'axial', by: 1 });
    click(90, 40, 2);
    doubleClick(90, 40, { altKey: true });
    expect(view().crosshair[2]).toBe(16);
  });
});

describe('a drag', () => {
  const camera = (view: ViewState) => viewportOf(view, 'axial').camera;

  it('counts from where the button was pressed, once it is no click any more', () => {
    const { pane, view } = axialPane();
    const before = shownScanLayer(view())?.style.window;
    pane.send('pointerdown', { clientX: 50, clientY: 50, button: 0 });
    pane.send('pointermove', { clientX: 53, clientY: 52, buttons: 1 });
    expect(shownScanLayer(view())?.style.window).toBe(before);
    pane.send('pointermove', { clientX: 60, clientY: 50, buttons: 1 });
    pane.send('pointermove', { clientX: 150, clientY: 50, buttons: 1 });
    // 255 grey values over 1024 pixels.
    expect(shownScanLayer(view())?.style.window.width).toBeCloseTo((before?.width ?? 0) + 100 * (255 / 1024));
  });

  it('has ended where the button was released without a word, or a second finger has come', () => {
    const { pane, view } = axialPane();
    pane.send('pointerdown', { clientX: 50, clientY: 50, button: 1 });
    pane.send('pointermove', { clientX: 60, clientY: 50, buttons: 4 });
    const panned = camera(view());
    expect(panned.panMm[0]).toBeGreaterThan(0);
    pane.send('pointermove', { clientX: 90, clientY: 50, buttons: 0 });
    pane.send('pointermove', { clientX: 95, clientY: 50, buttons: 4 });
    expect(camera(view())).toBe(panned);

    const touch = (type: string, pointerId: number, clientX: number, clientY: number) =>
      pane.send(type, { pointerId, pointerType: 'touch', clientX, clientY, button: 0, buttons: 1 });
    touch('pointerdown', 1, 40, 60);
    touch('pointerdown', 2, 60, 60);
    const window = shownScanLayer(view())?.style.window;
    touch('pointermove', 2, 80, 60);
    // Twice as far apart, about the middle, which has moved by 10 pixels.
    expect(camera(view()).zoom).toBeCloseTo(2);
    touch('pointerup', 2, 80, 60);
    touch('pointermove', 1, 10, 10);
    expect(shownScanLayer(view())?.style.window).toBe(window);
  });
});

describe('the read-out', () => {
  it('follows the wheel under a pointer that rests', () => {
    const { viewer, pane, view } = axialPane();
    const read = () => {
      const place = readPlace(view());
      return place && [place.of, ...place.at, viewer.probe(place.at)?.intensity];
    };
    pane.send('pointermove', { clientX: 90, clientY: 40, buttons: 0 });
    expect(read()).toEqual(['pointer', 1, 8, 15, 15]);
    pane.send('wheel', { clientX: 90, clientY: 40, deltaY: 240, deltaMode: 0, wheelDeltaY: -240 });
    expect(read()).toEqual(['pointer', 1, 8, 13, 13]);
    pane.send('pointerleave');
    expect(read()).toEqual(['crosshair', 5, 5, 13, 13]);
  });

  it.each([[[1200]], [[600, 600]], [[240, 480, 120, 360]], [Array(10).fill(120)]])(
    'ten notches, however many events they come in, are ten slices: %j',
    (events) => {
      const { viewer, pane, view } = axialPane();
      viewer.dispatch({ kind: 'last-slice', viewport: 'axial' });
      for (const px of events) pane.send('wheel', { deltaY: px, deltaMode: 0, wheelDeltaY: -px });
      expect(view().crosshair[2]).toBe(29 - 10);
    },
  );
});
