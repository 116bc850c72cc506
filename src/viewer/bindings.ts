/** Every key and gesture of the viewer as data. The help dialog is generated from these tables. */
import type { PlaneId } from './planes';
import type { ViewAction, ViewState } from './viewState';
import { CT_PRESETS } from './windowLevel';

export interface KeyBinding {
  /** Values of KeyboardEvent.key, letters in lower case. */
  readonly keys: readonly string[];
  /** How the help dialog writes the keys. */
  readonly shown: string;
  readonly does: string;
  readonly action: (view: ViewState) => ViewAction;
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
    action: step(-1),
  },
  { keys: ['ArrowUp', 'ArrowRight'], shown: '↑ →', does: 'Previous slice', action: step(1) },
  { keys: ['PageDown'], shown: 'Page Down', does: 'Ten slices on', action: step(-10) },
  { keys: ['PageUp'], shown: 'Page Up', does: 'Ten slices back', action: step(10) },
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
  { keys: ['a'], shown: 'A', does: 'Masks more transparent', action: opacityBy(-0.1) },
  { keys: ['d'], shown: 'D', does: 'Masks more opaque', action: opacityBy(0.1) },
  { keys: ['o'], shown: 'O', does: 'Masks as fill, outline, or both', action: () => ({ kind: 'cycle-overlay' }) },
  { keys: ['x'], shown: 'X', does: 'Crosshair on or off', action: () => ({ kind: 'toggle-crosshair' }) },
  {
    keys: ['m'],
    shown: 'M',
    does: 'Maximise the pane, or back',
    action: (v) => ({ kind: 'maximise', plane: v.active }),
  },
  { keys: ['r'], shown: 'R', does: 'Reset view and window', action: () => ({ kind: 'reset' }) },
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
  { shown: 'Double click', does: 'Maximise the pane, or back', gesture: 'maximise' },
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
}

/** The action bound to a key press, or null. Combinations with Ctrl, Cmd or Alt belong to the browser. */
export function actionForKey(press: KeyPress, view: ViewState): ViewAction | null {
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  return KEY_BINDINGS.find(({ keys }) => keys.includes(key))?.action(view) ?? null;
}

/** Wheel travel that makes one slice: one notch of a mouse is 100 to 120 px, a trackpad sends a few px at a time. */
const WHEEL_PX_PER_SLICE = 60;
const WHEEL_LINE_PX = 40;

/**
 * Turns wheel events into whole slices; what is left over is kept for the next event, so trackpads are smooth too.
 * Scrolling down goes to the next slice (falling index).
 */
export class WheelSlices {
  private rest = 0;
  private plane: PlaneId | null = null;

  /** @param deltaMode 0 pixels, 1 lines, 2 pages, as in WheelEvent */
  stepsFor(plane: PlaneId, deltaY: number, deltaMode: number): number {
    if (plane !== this.plane || Math.sign(deltaY) !== Math.sign(this.rest)) this.rest = 0;
    this.plane = plane;
    const px = deltaMode === 1 ? deltaY * WHEEL_LINE_PX : deltaMode === 2 ? deltaY * WHEEL_LINE_PX * 10 : deltaY;
    // A notched wheel reports its whole notch at once: that is one slice, never two.
    if (Math.abs(px) >= WHEEL_PX_PER_SLICE) {
      this.rest = 0;
      return px > 0 ? -1 : 1;
    }
    this.rest += px;
    if (Math.abs(this.rest) < WHEEL_PX_PER_SLICE) return 0;
    const steps = this.rest > 0 ? -1 : 1;
    this.rest = 0;
    return steps;
  }
}
