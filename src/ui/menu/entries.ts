/** What the page's menu offers, in its order. */
import { type Message, message } from '../../core/messages';
import type { App, AppState } from '../../state/app';
import { reloadHindrance } from '../../state/installation';
import { isBusy } from '../../state/status';

/** The dialogs that are open alone, by what opens them; those about one thing (a card, a question) are not among them. */
export type DialogName = 'models' | 'device' | 'offline' | 'privacy' | 'help' | 'it';

interface EntryBase {
  readonly title: Message;
  /** Absent: always. */
  readonly isShown?: (now: AppState) => boolean;
  readonly isDisabled?: (now: AppState) => boolean;
}

export type Entry = EntryBase & ({ readonly dialog: DialogName } | { readonly run: (app: App) => void });

const isRunning = ({ status }: AppState) => isBusy(status);

export const ENTRIES: readonly Entry[] = [
  { title: message('choose-models'), dialog: 'models' },
  { title: message('this-computer'), dialog: 'device' },
  { title: message('offline-and-storage'), dialog: 'offline' },
  { title: message('requests'), dialog: 'privacy' },
  { title: message('start-brain-demo'), run: (app) => void app.startDemo('brain'), isDisabled: isRunning },
  { title: message('start-abdomen-demo'), run: (app) => void app.startDemo('abdomen'), isDisabled: isRunning },
  { title: message('keys-and-mouse'), dialog: 'help' },
  { title: message('for-it'), dialog: 'it' },
  {
    title: message('update-now'),
    run: (app) => void app.applyUpdate(),
    isShown: ({ update }) => update !== 'none',
    isDisabled: (now) => now.update === 'applying' || reloadHindrance(now) !== null,
  },
  { title: message('install-app'), run: (app) => void app.installApp(), isShown: ({ app }) => app !== 'installed' },
];
