/** What the browser keeps of the page, but for models (inference worker), behind the ports of state/. */
import { asAppError } from '../core/errors';
import type { RuntimeFile, RuntimePart } from '../core/runtimeFile';
import { PLACES } from '../core/storedPlaces';
import { whileWriting } from '../models/storageLock';
import { KeptFiles } from '../offline/keptFiles';
import { countStored, deleteStored, thisBrowser } from '../offline/storedThings';
import type { Amount, Survey } from '../state/keeping';
import type { KeepingServices } from './createApp';

const PARTS: readonly RuntimePart[] = ['compute-cpu', 'compute-gpu', 'samples'];

/** Longer than a server on the same network needs; a page that is started without one waits for nothing of this. */
const PATIENCE_MS = 4000;

/** @param pageUrl document.baseURI */
export function keepingServices(pageUrl: string): KeepingServices {
  const files = __RUNTIME_FILES__.files;
  const filesOf = (part: RuntimePart) => files.filter((file) => file.part === part);
  // With the headers of all answers: the service worker gives it out as it is.
  const response = (content: Uint8Array<ArrayBuffer>, type: string) =>
    new Response(content, {
      headers: { ...__RESPONSE_HEADERS__, 'Content-Type': type, 'Content-Length': `${content.length}` },
    });
  const kept = new KeptFiles(pageUrl, response);

  const amountOf = async (part: RuntimePart): Promise<Amount> => {
    let [bytes, keptBytes] = [0, 0];
    for (const file of filesOf(part)) {
      bytes += file.bytes;
      keptBytes += await kept.keptBytes(file).catch(() => 0);
    }
    return { bytes, keptBytes };
  };

  return {
    async survey(): Promise<Survey> {
      const [amounts, counts, app, estimate, isPersistent] = await Promise.all([
        Promise.all(PARTS.map(async (part) => [part, await amountOf(part)] as const)),
        countStored(thisBrowser()),
        keptApp(pageUrl).catch(() => null),
        storageManager()
          ?.estimate?.()
          .catch(() => null),
        storageManager()
          ?.persisted?.()
          .catch(() => null),
      ]);
      return {
        app,
        parts: Object.fromEntries(amounts) as Record<RuntimePart, Amount>,
        counts,
        usedBytes: estimate?.usage ?? null,
        quotaBytes: estimate?.quota ?? null,
        isPersistent: isPersistent ?? null,
      };
    },
    async keepPart(part, { onBytes, signal }) {
      let before = 0;
      let startedAgain = false;
      const added: RuntimeFile[] = [];
      for (const file of filesOf(part)) {
        const start = before;
        if ((await kept.keptBytes(file)) === 0) added.push(file);
        try {
          const outcome = await kept.keep(file, { signal, onBytes: (done) => onBytes(start + done) });
          startedAgain ||= outcome.startedAgain;
        } catch (error) {
          // One of a pair alone is of no use, and takes the room of something else.
          if (asAppError(error).code === 'no-room-to-keep') await kept.remove(added);
          throw error;
        }
        before += file.bytes;
      }
      return { startedAgain };
    },
    removePart: (part) => kept.remove(filesOf(part)),
    persist: async () => (await storageManager()?.persist?.()) ?? null,
    deleteStored: (whats) => deleteStored(whats, thisBrowser()),
    async deleteEverything() {
      const registration = await navigator.serviceWorker?.getRegistration(pageUrl).catch(() => undefined);
      // What it controls already it goes on controlling: the open page stays isolated.
      await registration?.unregister().catch(() => false);
      const everything = ['app', 'files', 'models', 'settings', 'measurements', 'shared'] as const;
      // Not between somebody's first piece of a model and its last.
      return whileWriting(() => deleteStored(everything, thisBrowser()));
    },
    async isReachable() {
      try {
        const signal = AbortSignal.timeout(PATIENCE_MS);
        await fetch(new URL('models/index.json', pageUrl), { method: 'HEAD', cache: 'no-store', signal });
        return true;
      } catch {
        return false;
      }
    },
    watchConnection(listener) {
      if (!navigator.onLine) listener(true);
      window.addEventListener('online', () => listener(false));
      window.addEventListener('offline', () => listener(true));
    },
  };
}

/** Absent on a page over plain http. */
const storageManager = () => navigator.storage as StorageManager | undefined;

/** The page as the service worker keeps it: its installation is whole, or is none. */
async function keptApp(pageUrl: string): Promise<{ readonly bytes: number } | null> {
  const registration = await navigator.serviceWorker?.getRegistration(pageUrl);
  if (!registration?.active) return null;
  let bytes = 0;
  for (const name of await caches.keys()) {
    // One for each folder of this origin that Organscope is in.
    if (!name.startsWith(PLACES.shell.name) || !name.endsWith(registration.scope)) continue;
    const place = { name };
    for (const response of await (await caches.open(place.name)).matchAll()) bytes += (await response.blob()).size;
  }
  return bytes > 0 ? { bytes } : null;
}
