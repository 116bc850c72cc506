/** The service worker: keeps the page for offline use and gives every answer the headers that isolate and bind it. */
import type { PrecacheEntry } from 'workbox-precaching/_types';
import { watchRequests } from '../core/requests';
import { PLACES } from '../core/storedPlaces';
import { answer } from './answer';
import { TAKE_OVER } from './contract';
import { keepDescriptions } from './keptFiles';
import { allowOwnOriginOnly } from './ownOriginOnly';
import { Shell } from './shell';

declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: readonly (PrecacheEntry | string)[] };

watchRequests({ thread: 'service-worker', page: null });
allowOwnOriginOnly(self);

const { scope } = self.registration;
const shell = new Shell(self.__WB_MANIFEST, scope);

self.addEventListener('install', (event) => {
  // A page whose models cannot be read works all the same, with those of its own.
  const descriptions = keepDescriptions(scope).catch(() => undefined);
  event.waitUntil(Promise.all([shell.install(event), descriptions]));
});

self.addEventListener('activate', (event) => {
  const begin = async () => {
    await shell.activate(event);
    await caches.delete(PLACES.shared.name);
    // The page of a first visit, which came without us, has the use of us at once.
    await self.clients.claim();
  };
  event.waitUntil(begin());
});

self.addEventListener('message', ({ data }) => {
  if (data === TAKE_OVER) void self.skipWaiting();
});

self.addEventListener('fetch', (event) => event.respondWith(answer(event.request, scope, shell)));
