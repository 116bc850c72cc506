/** The service worker: keeps the page for offline use and gives every answer the headers that isolate and bind it. */
import type { PrecacheEntry } from 'workbox-precaching/_types';
import { watchRequests } from '../core/requests';
import { PLACES } from '../core/storedPlaces';
import { answer } from './answer';
import { TAKE_OVER } from './contract';
import { carryOver, removeOld } from './keptFiles';
import { allowOwnOriginOnly } from './ownOriginOnly';
import { Shell } from './shell';

declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: readonly (PrecacheEntry | string)[] };

watchRequests({ thread: 'service-worker', page: null });
allowOwnOriginOnly(self);

const { scope } = self.registration;
const shell = new Shell(self.__WB_MANIFEST, scope);

self.addEventListener('install', (event) => {
  event.waitUntil(Promise.all([shell.install(event), carryOver(scope)]));
});

self.addEventListener('activate', (event) => {
  const begin = async () => {
    await shell.activate(event);
    await removeOld(scope);
    await caches.delete(PLACES.shared.name);
    // The page of a first visit, which came without us, has the use of us at once.
    await self.clients.claim();
  };
  event.waitUntil(begin());
});

self.addEventListener('message', ({ data }) => {
  if (data === TAKE_OVER) void self.skipWaiting();
});

self.addEventListener('fetch', (event) =>
  event.respondWith(answer(event.request, scope, shell, (work) => event.waitUntil(work))),
);
