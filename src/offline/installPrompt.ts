/** The browser's offer to install the page as an app. */

/** As far as it is used here; in no library of types. */
interface InstallPromptEvent extends Event {
  prompt(): Promise<{ readonly outcome: 'accepted' | 'dismissed' }>;
}

export interface InstallPromptEvents {
  /** The browser can be asked to install it, or cannot any more. */
  onOffer(isOffered: boolean): void;
  onInstalled(): void;
}

/** Whether this window is the installed app's. */
export const isInstalledWindow = (): boolean => matchMedia('(display-mode: standalone)').matches;

export class InstallPrompt {
  private offer: InstallPromptEvent | null = null;

  /** @param target window; one of their own in tests */
  constructor(
    private readonly events: InstallPromptEvents,
    target: Pick<EventTarget, 'addEventListener'> = window,
  ) {
    target.addEventListener('beforeinstallprompt', (event) => {
      // Else Chromium on small screens shows a banner of its own over the page.
      event.preventDefault();
      this.offer = event as InstallPromptEvent;
      events.onOffer(true);
    });
    target.addEventListener('appinstalled', () => {
      this.offer = null;
      events.onInstalled();
    });
  }

  /** Shows the browser's own question. It can be asked once for each offer. */
  async show(): Promise<void> {
    const { offer } = this;
    this.offer = null;
    this.events.onOffer(false);
    await offer?.prompt();
  }
}
