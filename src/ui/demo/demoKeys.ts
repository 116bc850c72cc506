/** The keys of a presenter, and of the clicker in his hand. While a demonstration runs they come before the viewer's. */
import { type Message, message } from '../../core/messages';
import type { App } from '../../state/app';

export interface DemoKey {
  /** Values of KeyboardEvent.key, letters in lower case. The clickers that there are send Page Up and Page Down. */
  readonly keys: readonly string[];
  /** What is printed on the one to be shown. */
  readonly shown: string;
  readonly does: Message;
  readonly run: (app: App) => void;
}

export const DEMO_KEYS = {
  back: {
    keys: ['ArrowLeft', 'PageUp'],
    shown: '←',
    does: message('demo-back'),
    run: (app) => app.stepDemo(-1),
  },
  next: {
    keys: ['ArrowRight', 'PageDown', ' '],
    shown: '→',
    does: message('demo-next'),
    run: (app) => app.stepDemo(1),
  },
  restart: { keys: ['r'], shown: 'R', does: message('demo-restart'), run: (app) => void app.restartDemo() },
  end: { keys: ['Escape'], shown: 'Esc', does: message('demo-end'), run: (app) => app.endDemo() },
} as const satisfies Readonly<Record<string, DemoKey>>;

/** What has keys of its own while it has the focus, and what only the keys that press it. */
const TYPING = 'input, select, textarea, [contenteditable], [role=menu], [role=listbox]';
const PRESSED = 'button, a, summary';

type Press = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'repeat' | 'target'>;

/** The presenter's key that was pressed; null where it is nobody's, or belongs to what has the focus. */
export function demoKeyOf({ key, ctrlKey, metaKey, altKey, repeat, target }: Press): DemoKey | null {
  // A key that is held down would run through all steps.
  if (ctrlKey || metaKey || altKey || repeat) return null;
  if (target instanceof Element && (target.closest(TYPING) || (key === ' ' && target.closest(PRESSED)))) return null;
  const pressed = key.length === 1 ? key.toLowerCase() : key;
  const all: readonly DemoKey[] = Object.values(DEMO_KEYS);
  return all.find(({ keys }) => keys.includes(pressed)) ?? null;
}
