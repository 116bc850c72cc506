/** Connects the page's state with the service worker, with other windows and with what the system hands to the app. */
import { message } from '../core/messages';
import type { NamedFile } from '../files/namedFile';
import { InstallPrompt, isInstalledWindow } from '../offline/installPrompt';
import { InUse } from '../offline/inUse';
import { onLaunchFiles, takeSharedFiles } from '../offline/launch';
import { Registration } from '../offline/registration';
import { checkForUpdates } from '../offline/updateChecks';
import type { App } from '../state/app';
import { type InstallationPort, isInUse } from '../state/installation';
import { openAll } from '../ui/opening/openAll';
import { afterFirstPaint } from './afterFirstPaint';

/** Marks an entry of the history that was loaded again for its headers: once must do. */
const RELOADED = 'organscope.reloaded';

/** A page that is still here so long after it was to be loaded again stays. */
const STAYING_MS = 3000;

/** What the page's state can ask of the browser about its installation. Usable before anything is registered. */
export class BrowserInstallation implements Pick<InstallationPort, 'applyUpdate' | 'reload' | 'showInstallPrompt'> {
  private registration: Registration | null = null;
  private inUse: InUse | null = null;
  private prompt: InstallPrompt | null = null;
  private isLeaving = false;
  /** Whether the user did anything on the page. */
  private isTouched = false;

  reload(): void {
    if (this.isLeaving) return;
    this.isLeaving = true;
    location.reload();
    // Where the browser asked and the user stays, it can be asked for again.
    setTimeout(() => {
      this.isLeaving = false;
    }, STAYING_MS);
  }

  async applyUpdate(): Promise<boolean> {
    const { registration, inUse } = this;
    if (!registration || !inUse) return false;
    return inUse.whileOthersAreFree(() => registration.takeOver());
  }

  async showInstallPrompt(): Promise<void> {
    await this.prompt?.show();
  }

  /** Begins to listen, and registers the service worker where there is one. */
  async connect(app: App): Promise<void> {
    for (const type of ['pointerdown', 'keydown', 'dragenter']) {
      addEventListener(type, () => {
        this.isTouched = true;
      });
    }
    const isControlled = navigator.serviceWorker?.controller != null;
    app.noteInstallation({
      threads: crossOriginIsolated ? 'there' : 'none',
      app: isInstalledWindow() ? 'installed' : 'not-offered',
    });
    this.prompt = new InstallPrompt({
      onOffer: (isOffered) => app.noteInstallation({ app: isOffered ? 'offered' : 'not-offered' }),
      onInstalled: () => app.noteInstallation({ app: 'installed' }),
    });
    this.openWhatTheSystemGives(app);
    if (!navigator.serviceWorker || !navigator.locks) {
      // Browsers have neither where the address is no secure one.
      if (!crossOriginIsolated) app.inform(message('threads-need-https'));
      return;
    }
    // With the headers that a service worker gives, and still not isolated: no reload will change that.
    if (isControlled && !crossOriginIsolated) app.inform(message('threads-refused'));
    const inUse = new InUse(navigator.locks);
    this.inUse = inUse;
    const tellOthers = () => inUse.set(isInUse(app.state.getState()));
    app.state.subscribe(tellOthers);
    tellOthers();
    // What it keeps is fetched while nobody waits for the page.
    await new Promise<void>((resolve) => afterFirstPaint(resolve));
    this.registration = await Registration.open(document.baseURI, navigator.serviceWorker, {
      onKept: () => app.noteInstallation({ isKept: true }),
      onNotKept: (why) => {
        app.noteInstallation({ isKept: false });
        app.inform(why ? message('not-kept-because', { why }) : message('not-kept'));
      },
      onWaiting: () => app.noteInstallation({ update: 'waiting', isUpdateRead: false }),
      onControlled: () => this.afterFirstControl(app),
      onReplaced: () => this.afterReplacement(app),
    });
    checkForUpdates(async () => this.registration?.lookForUpdate());
  }

  /** A plain server's first page has no threads; with the service worker the same page has. */
  private afterFirstControl(app: App): void {
    if (crossOriginIsolated) return;
    if (this.isTouched || isInUse(app.state.getState()) || history.state?.[RELOADED]) {
      app.noteInstallation({ threads: 'after-reload' });
      return;
    }
    history.replaceState({ ...history.state, [RELOADED]: true }, '');
    this.reload();
  }

  /** Another window, or this one, has let the newer version take over. */
  private afterReplacement(app: App): void {
    if (app.state.getState().update === 'applying') return;
    app.noteInstallation({ update: 'none' });
    if (isInUse(app.state.getState())) app.inform(message('replaced'));
    else this.reload();
  }

  private openWhatTheSystemGives(app: App): void {
    const open = async (files: Promise<NamedFile[] | null>) => {
      try {
        const given = await files;
        if (given) await openAll(app, given);
      } catch (error) {
        app.report(error);
      }
    };
    onLaunchFiles((files) => void open(files));
    void open(takeSharedFiles(location, history));
  }
}
