/** What the page and the service worker know of each other, besides where things are stored (core/storedPlaces.ts). */

/** The service worker's file, beside index.html. */
export const SERVICE_WORKER_FILE = 'sw.js';

/** What the page tells a waiting worker: take over now. The page has made sure that no window has anything to lose. */
export const TAKE_OVER = 'take-over';

/** Where shared files are posted to, relative to the scope; the same in public/manifest.webmanifest. */
export const SHARE_TARGET = 'share';

/** Field of the form that they come in; the same in public/manifest.webmanifest. */
export const SHARE_FIELD = 'files';

/** The page's query after a share: it then reads what is in the cache. */
export const SHARED_QUERY = 'shared';
