/** Every key of the viewer as data. The help dialog is generated from this table. */
import { type Message, message } from '../../core/messages';
import { CT_PRESETS } from '../layers/windowPresets';
import type { ViewAction } from '../viewport/actions';
import { masksOpacity, type ViewState } from '../viewport/viewState';

export interface KeyBinding {
  /** Values of KeyboardEvent.key, letters in lower case. */
  readonly keys: readonly string[];
  /** How the help dialog writes the keys: what is printed on them, or their names. */
  readonly shown: string | Message;
  readonly does: Message;
  /** Acts again and again while the key is held down; others would flicker. */
  readonly repeats?: true;
  /** Null when there is nothing to do: the key is the browser's then. */
  readonly action: (view: ViewState) => ViewAction | null;
}

const step = (by: number) => (view: ViewState) => ({ kind: 'step', viewport: view.active, by }) as const;
const opacityBy = (change: number) => (view: ViewState) =>
  ({ kind: 'opacity', value: masksOpacity(view) + change }) as const;

/**
 * "Next" follows a reading stack: axial towards the feet, coronal towards the back, sagittal towards the left; every
 * one is the falling direction of its canonical axis.
 */
export const KEY_BINDINGS: readonly KeyBinding[] = [
  {
    keys: ['ArrowDown', 'ArrowLeft'],
    shown: '↓ ←',
    does: message('next-slice'),
    repeats: true,
    action: step(-1),
  },
  {
    keys: ['ArrowUp', 'ArrowRight'],
    shown: '↑ →',
    does: message('previous-slice'),
    repeats: true,
    action: step(1),
  },
  {
    keys: ['PageDown'],
    shown: message('key-page-down'),
    does: message('ten-slices-on'),
    repeats: true,
    action: step(-10),
  },
  {
    keys: ['PageUp'],
    shown: message('key-page-up'),
    does: message('ten-slices-back'),
    repeats: true,
    action: step(10),
  },
  {
    keys: ['Home'],
    shown: message('key-home'),
    does: message('first-slice'),
    action: ({ active }) => ({ kind: 'first-slice', viewport: active }),
  },
  {
    keys: ['End'],
    shown: message('key-end'),
    does: message('last-slice'),
    action: ({ active }) => ({ kind: 'last-slice', viewport: active }),
  },
  ...CT_PRESETS.map(
    ({ id, key, does }): KeyBinding => ({ keys: [key], shown: key, does, action: () => ({ kind: 'preset', id }) }),
  ),
  {
    keys: ['0'],
    shown: '0',
    does: message('automatic-window'),
    action: () => ({ kind: 'preset', id: 'auto' }),
  },
  { keys: ['i'], shown: 'I', does: message('invert-greys'), action: () => ({ kind: 'toggle-invert' }) },
  { keys: ['s'], shown: 'S', does: message('masks-on-or-off'), action: () => ({ kind: 'toggle-labels' }) },
  { keys: ['a'], shown: 'A', does: message('masks-more-transparent'), repeats: true, action: opacityBy(-0.1) },
  { keys: ['d'], shown: 'D', does: message('masks-more-opaque'), repeats: true, action: opacityBy(0.1) },
  { keys: ['o'], shown: 'O', does: message('masks-next-mode'), action: () => ({ kind: 'cycle-overlay' }) },
  { keys: ['x'], shown: 'X', does: message('crosshair-on-or-off'), action: () => ({ kind: 'toggle-crosshair' }) },
  {
    keys: ['m'],
    shown: 'M',
    does: message('maximise-or-back'),
    action: ({ active }) => ({ kind: 'maximise', viewport: active }),
  },
  {
    keys: ['Escape'],
    shown: message('key-escape'),
    does: message('all-panes-again'),
    action: ({ maximised }) => (maximised === null ? null : { kind: 'maximise', viewport: maximised }),
  },
  { keys: ['r'], shown: 'R', does: message('reset-view'), action: () => ({ kind: 'reset' }) },
  { keys: ['c'], shown: 'C', does: message('crosshair-to-middle'), action: () => ({ kind: 'crosshair-to-middle' }) },
];

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
