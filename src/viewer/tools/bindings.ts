/** Every key and gesture of the viewer as data. The help dialog is generated from these tables. */

import { CT_PRESETS } from '../layers/windowLevel';
import type { ViewAction, ViewState } from '../viewport/viewState';

export interface KeyBinding {
  /** Values of KeyboardEvent.key, letters in lower case. */
  readonly keys: readonly string[];
  /** How the help dialog writes the keys. */
  readonly shown: string;
  readonly does: string;
  /** Acts again and again while the key is held down; others would flicker. */
  readonly repeats?: true;
  /** Null when there is nothing to do: the key is the browser's then. */
  readonly action: (view: ViewState) => ViewAction | null;
}

const step = (by: number) => (view: ViewState) => ({ kind: 'step', plane: view.active, by }) as const;
const opacityBy = (change: number) => (view: ViewState) => ({ kind: 'opacity', value: view.opacity + change }) as const;

/**
 * "Next" follows a reading stack: axial towards the feet, coronal towards the back, sagittal towards the left; every
 * one is the falling direction of its canonical axis.
 */
export const KEY_BINDINGS: readonly KeyBinding[] = [
  {
    keys: ['ArrowDown', 'ArrowLeft'],
    shown: '↓ ←',
    does: 'Next slice (towards inferior, posterior, left)',
    repeats: true,
    action: step(-1),
  },
  { keys: ['ArrowUp', 'ArrowRight'], shown: '↑ →', does: 'Previous slice', repeats: true, action: step(1) },
  { keys: ['PageDown'], shown: 'Page Down', does: 'Ten slices on', repeats: true, action: step(-10) },
  { keys: ['PageUp'], shown: 'Page Up', does: 'Ten slices back', repeats: true, action: step(10) },
  { keys: ['Home'], shown: 'Home', does: 'Slice 1', action: (v) => ({ kind: 'first-slice', plane: v.active }) },
  { keys: ['End'], shown: 'End', does: 'Last slice', action: (v) => ({ kind: 'last-slice', plane: v.active }) },
  ...CT_PRESETS.map(({ id, key, title, width, center }) => ({
    keys: [key],
    shown: key,
    does: `CT window: ${title.toLowerCase()} (W ${width}, L ${center < 0 ? '−' : ''}${Math.abs(center)})`,
    action: () => ({ kind: 'preset', id }) as const,
  })),
  { keys: ['0'], shown: '0', does: 'Automatic window', action: () => ({ kind: 'preset', id: 'auto' }) },
  { keys: ['i'], shown: 'I', does: 'Invert grey levels', action: () => ({ kind: 'toggle-invert' }) },
  { keys: ['s'], shown: 'S', does: 'Masks on or off', action: () => ({ kind: 'toggle-labels' }) },
  { keys: ['a'], shown: 'A', does: 'Masks more transparent', repeats: true, action: opacityBy(-0.1) },
  { keys: ['d'], shown: 'D', does: 'Masks more opaque', repeats: true, action: opacityBy(0.1) },
  { keys: ['o'], shown: 'O', does: 'Masks as fill, outline, or both', action: () => ({ kind: 'cycle-overlay' }) },
  { keys: ['x'], shown: 'X', does: 'Crosshair on or off', action: () => ({ kind: 'toggle-crosshair' }) },
  {
    keys: ['m'],
    shown: 'M',
    does: 'Maximise the pane, or back',
    action: (v) => ({ kind: 'maximise', plane: v.active }),
  },
  {
    keys: ['Escape'],
    shown: 'Esc',
    does: 'All panes again',
    action: ({ maximised }) => maximised && { kind: 'maximise', plane: maximised },
  },
  {
    keys: ['r'],
    shown: 'R',
    does: 'Reset zoom, pan, window and grey levels; the crosshair stays',
    action: () => ({ kind: 'reset' }),
  },
  {
    keys: ['c'],
    shown: 'C',
    does: 'Crosshair to the middle of the scan',
    action: () => ({ kind: 'crosshair-to-middle' }),
  },
];

export type Gesture = 'crosshair' | 'window' | 'pan' | 'zoom' | 'slices' | 'maximise' | 'solo-label';

export interface GestureBinding {
  readonly shown: string;
  readonly does: string;
  readonly gesture: Gesture;
}

export const GESTURE_BINDINGS: readonly GestureBinding[] = [
  { shown: 'Click', does: 'Move the crosshair; the other panes follow', gesture: 'crosshair' },
  { shown: 'Drag', does: 'Window: right widens, down darkens', gesture: 'window' },
  { shown: 'Wheel, two-finger scroll', does: 'Slices', gesture: 'slices' },
  { shown: 'Middle drag, Shift + drag', does: 'Pan', gesture: 'pan' },
  { shown: 'Right drag, Ctrl + wheel, pinch', does: 'Zoom', gesture: 'zoom' },
  { shown: 'Double click', does: 'Maximise the pane, or back; the crosshair stays', gesture: 'maximise' },
  { shown: 'Alt + click on a mask', does: 'Show only this structure, or all again', gesture: 'solo-label' },
];

/** The gesture a pressed button starts. A left press is a click until it has moved further than CLICK_RADIUS_PX. */
export function gestureForDrag(button: number, shift: boolean): Extract<Gesture, 'window' | 'pan' | 'zoom'> | null {
  if (button === 0) return shift ? 'pan' : 'window';
  if (button === 1) return 'pan';
  if (button === 2) return 'zoom';
  return null;
}

export const CLICK_RADIUS_PX = 4;

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly repeat?: boolean;
}

/** The action bound to a key press, or null. Combinations with Ctrl, Cmd or Alt belong to the browser. */
export function actionForKey(press: KeyPress, view: ViewState): ViewAction | null {
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  const binding = KEY_BINDINGS.find(({ keys }) => keys.includes(key));
  return binding && (binding.repeats || !press.repeat) ? binding.action(view) : null;
}

/** What a WheelEvent says about its travel. */
export interface WheelTravel {
  readonly deltaY: number;
  /** 0 pixels, 1 lines, 2 pages */
  readonly deltaMode: number;
  /** 120 for each notch of a mouse wheel, up being positive; every browser has it though it is in no standard. */
  readonly wheelDeltaY?: number;
}

/** Lines and pages as pixels: browsers send three lines, or one page, for a notch. */
const WHEEL_UNIT_PX = [1, 40, 120];

/** @returns CSS pixels, down being positive */
export function wheelPixels(travel: WheelTravel): number {
  // Asked first: Firefox gives lines then, three for a notch, and else pixels, how many depends on a font.
  const unitPx = WHEEL_UNIT_PX[travel.deltaMode] ?? 1;
  return travel.deltaY * unitPx;
}

/** What one notch of a wheel scrolls, by browser and system. */
const NOTCH_PX = [100, 120];
/** A shorter "notch" is a trackpad's: on a Mac it reports a whole notch for 40 px. */
const SHORTEST_NOTCH_PX = 50;
/** A trackpad sends a few px at a time; this many make a slice. */
const TRACKPAD_PX_PER_SLICE = 60;

/**
 * The whole notches of a mouse wheel in one event, 0 for a trackpad. A browser that is busy adds several notches up into
 * one event.
 */
function notches(travel: WheelTravel): number {
  const px = Math.abs(wheelPixels(travel));
  const told = Math.abs(travel.wheelDeltaY ?? 0) / 120;
  const bySize = NOTCH_PX.map((size) => px / size).filter(Number.isInteger);
  const byCount = Number.isInteger(told) && px / told >= SHORTEST_NOTCH_PX ? [told] : [];
  // Not every event that was added up has its notches counted (those of a remote desktop, or of a test, have not).
  return Math.max(0, ...byCount, ...(bySize.length > 0 ? [Math.min(...bySize)] : []));
}

/**
 * Turns wheel events into whole slices, one for each notch; of a trackpad's travel what is left over is kept for the next
 * event. Scrolling down goes to the next slice (falling index).
 */
export class WheelSlices {
  private restPx = 0;

  stepsFor(travel: WheelTravel): number {
    const px = wheelPixels(travel);
    // Sideways only: a diagonal swipe has such events among the others.
    if (px === 0) return 0;
    const whole = notches(travel);
    if (whole > 0 || Math.sign(px) !== Math.sign(this.restPx)) this.restPx = 0;
    if (whole > 0) return -Math.sign(px) * whole;
    this.restPx += px;
    const slices = Math.trunc(this.restPx / TRACKPAD_PX_PER_SLICE);
    this.restPx -= slices * TRACKPAD_PX_PER_SLICE;
    // No negative zero.
    return slices === 0 ? 0 : -slices;
  }
}
