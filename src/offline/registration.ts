/** Registers the service worker, and tells what becomes of it and of its newer versions. */
import { InternalError } from '../core/errors';
import { reasonOf } from '../core/messages';
import { SERVICE_WORKER_FILE, TAKE_OVER } from '../serviceWorker/contract';

/** What becomes known, as it does. */
export interface ServiceWorkerEvents {
  /** All of the page is kept: it starts without a network from now on. */
  onKept(): void;
  /** It could not be kept, and nothing was before. @param why in the browser's words; '' where it says nothing */
  onNotKept(why: string): void;
  /** A newer version is whole and waits. */
  onWaiting(): void;
  /** This page, which came without a service worker, has one from now on. */
  onControlled(): void;
  /** A newer version has taken the place of the one that this page came from. */
  onReplaced(): void;
}

type Container = Pick<ServiceWorkerContainer, 'controller' | 'register' | 'addEventListener' | 'removeEventListener'>;

/** How long a waiting version may take to be in charge. */
const TAKE_OVER_MS = 15_000;

export class Registration {
  private constructor(
    private readonly registration: ServiceWorkerRegistration,
    private readonly container: Container,
  ) {}

  /**
   * @param pageUrl document.baseURI: the service worker lies beside the page, and its folder is its scope
   * @param container navigator.serviceWorker; one of their own in tests
   * @returns null where there is none: `onNotKept` has been told why, if the browser says why
   */
  static async open(pageUrl: string, container: Container, events: ServiceWorkerEvents): Promise<Registration | null> {
    let isControlled = container.controller !== null;
    container.addEventListener('controllerchange', () => {
      if (isControlled) events.onReplaced();
      else events.onControlled();
      isControlled = true;
    });
    try {
      const address = new URL(SERVICE_WORKER_FILE, pageUrl).href;
      const registration: ServiceWorkerRegistration | undefined = await container.register(address, {
        updateViaCache: 'none',
      });
      // An add-on or a test may stand in for the browser, which registers nothing: the page works as without one.
      if (!registration) return null;
      follow(registration, events);
      return new Registration(registration, container);
    } catch (error) {
      // Offline with the page kept: registering succeeds. So this is a browser that keeps nothing.
      events.onNotKept(reasonOf(error));
      return null;
    }
  }

  /** Asks the server for a newer version. Without a network there is none, which is nothing to be told of. */
  async lookForUpdate(): Promise<void> {
    await this.registration.update().catch(() => undefined);
  }

  /**
   * Has the waiting version take over from the one that all open windows came from. They have to be loaded again then.
   * @throws InternalError('update-failed') when it does not
   */
  async takeOver(): Promise<void> {
    const { waiting } = this.registration;
    if (!waiting) throw new InternalError('update-failed');
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new InternalError('update-failed')), TAKE_OVER_MS);
      const done = () => {
        clearTimeout(timer);
        this.container.removeEventListener('controllerchange', done);
        resolve();
      };
      this.container.addEventListener('controllerchange', done);
      waiting.postMessage(TAKE_OVER);
    });
  }
}

function follow(registration: ServiceWorkerRegistration, events: ServiceWorkerEvents): void {
  const watch = (worker: ServiceWorker) =>
    worker.addEventListener('statechange', () => {
      if (worker.state === 'installed' && registration.active) events.onWaiting();
      if (worker.state === 'activated') events.onKept();
      if (worker.state === 'redundant' && !registration.active && !registration.installing) events.onNotKept('');
    });
  registration.addEventListener('updatefound', () => {
    if (registration.installing) watch(registration.installing);
  });
  if (registration.installing) watch(registration.installing);
  if (registration.active) events.onKept();
  if (registration.active && registration.waiting) events.onWaiting();
}
