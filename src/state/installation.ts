/** The page as something that stays: kept for offline use, newer versions of it, threads, the app on the desktop. */
import { type Message, message } from '../core/messages';
import type { ShelfState } from './modelShelf';
import type { Notices } from './notices';
import type { Part } from './part';
import { isUnsaved } from './results';
import type { ScansState } from './scans';
import { isBusy, type StatusState } from './status';

export interface InstallationState {
  /** Whether the page starts without a network; null until known. */
  readonly isKept: boolean | null;
  /** A newer version of the page. */
  readonly update: 'none' | 'waiting' | 'applying';
  /** The user has read that there is one; the menu still offers it. */
  readonly isUpdateRead: boolean;
  /** WebAssembly threads: 'after-reload' where a service worker, which came after the page, gives them to the next one. */
  readonly threads: 'there' | 'after-reload' | 'none';
  /** As an app: 'offered' where the browser can be asked to install it. */
  readonly app: 'offered' | 'not-offered' | 'installed';
}

export interface InstallationPort {
  /**
   * Has the newer version take over; the page has to be loaded again then.
   * @returns false, and nothing has happened, where another window has something open
   */
  applyUpdate(): Promise<boolean>;
  /** Loads the page again. */
  reload(): void;
  /** The browser's own question whether to install the page. */
  showInstallPrompt(): Promise<void>;
  readonly inform: Notices['inform'];
  readonly report: Notices['report'];
}

export interface Installation {
  noteInstallation(change: Partial<InstallationState>): void;
  /** Does nothing while something hinders it. */
  applyUpdate(): Promise<void>;
  dismissUpdate(): void;
  reload(): void;
  installApp(): Promise<void>;
}

export const INITIAL_INSTALLATION: InstallationState = {
  isKept: null,
  update: 'none',
  isUpdateRead: false,
  threads: 'there',
  app: 'not-offered',
};

type Open = Pick<StatusState, 'status'> & Pick<ScansState, 'study'> & Pick<ShelfState, 'adding'>;

/** Whether this window has anything open or begun that a reload would end. */
export const isInUse = ({ status, study, adding }: Open): boolean =>
  status === 'reading' || isBusy(status) || study.scans.length > 0 || adding !== null;

const AFTER_RUN = message('reload-after-run');
const AFTER_ADDING = message('reload-after-adding');
const AFTER_SAVING = message('reload-after-saving');

/** Why loading the page again would lose something now; null where it would not. */
export function reloadHindrance({ status, study, adding }: Open): Message | null {
  if (isBusy(status)) return AFTER_RUN;
  if (adding?.phase === 'working') return AFTER_ADDING;
  return study.labelMaps.some(isUnsaved) ? AFTER_SAVING : null;
}

export function createInstallation(part: Part<InstallationState & Open>, port: InstallationPort): Installation {
  return {
    noteInstallation: (change) => part.setState(change),
    async applyUpdate() {
      if (part.getState().update !== 'waiting' || reloadHindrance(part.getState())) return;
      part.setState({ update: 'applying' });
      try {
        if (await port.applyUpdate()) {
          part.setState({ update: 'none' });
          // It takes seconds: a run may have begun, which goes on as the version before.
          if (reloadHindrance(part.getState())) port.inform(message('replaced'));
          else port.reload();
          return;
        }
        port.inform(message('update-elsewhere'));
      } catch (error) {
        port.report(error);
      }
      part.setState({ update: 'waiting' });
    },
    dismissUpdate: () => part.setState({ isUpdateRead: true }),
    reload() {
      if (!reloadHindrance(part.getState())) port.reload();
    },
    async installApp() {
      if (part.getState().app === 'offered') await port.showInstallPrompt().catch(port.report);
      else port.inform(message('install-by-hand'));
    },
  };
}
