/**
 * Workers that are bound by the page's Content-Security-Policy.
 *
 * A worker started from a network address has the policy of that address's own response, and a plain static host sends
 * none: code in it could send a scan anywhere. A worker started from a blob: address inherits the policy of the thread
 * that starts it (HTML, "create a policy container from a fetch response"; also its cross-origin isolation). So every
 * worker starts from a blob that does nothing but import the script, and the policy allows no other (`worker-src blob:`). The
 * blob also watches what the thread asks the network for, so that no thread is forgotten (core/requests.ts).
 */
import { reportingPage, watchRequests } from '../core/requests';

/** Blobs by the absolute address of the script that they import; kept, since workers are started again after a crash. */
const starters = new Map<string, string>();

/**
 * The import is a dynamic one, because worker-src decides on a worker's static ones. Messages that come before the
 * script listens are given to it afterwards, and a script that cannot be loaded is an error of the worker.
 */
const starting = (
  script: string,
) => `(${watchRequests})(${JSON.stringify({ thread: 'worker', page: reportingPage() })});
const early = [];
const keep = (event) => {
  event.stopImmediatePropagation();
  early.push(event);
};
addEventListener('message', keep);
import(${JSON.stringify(script)}).then(
  () => {
    removeEventListener('message', keep);
    for (const { data, ports } of early) dispatchEvent(new MessageEvent('message', { data, ports: [...ports] }));
  },
  (error) => setTimeout(() => { throw error; }),
);
`;

function starterOf(script: string): string {
  const known = starters.get(script);
  if (known) return known;
  const blob = new Blob([starting(script)], { type: 'text/javascript' });
  // The fragment changes nothing; it names the script in the browser's developer tools.
  const starter = `${URL.createObjectURL(blob)}#${new URL(script).pathname}`;
  starters.set(script, starter);
  return starter;
}

/**
 * Starts a module worker. Messages sent to it at once arrive when its script has run, as with any worker.
 * @param script absolute address, of this page's origin
 */
export function startBoundWorker(script: string | URL, options: WorkerOptions = {}): Worker {
  return new Worker(starterOf(String(script)), { ...options, type: 'module' });
}

let areNestedBound = false;

/**
 * Makes `new Worker(address)` in this thread start bound workers too: ONNX Runtime starts its threads so, from its own
 * module scripts.
 */
export function bindNestedWorkers(): void {
  if (areNestedBound || typeof Worker === 'undefined') return;
  areNestedBound = true;
  globalThis.Worker = class extends Worker {
    constructor(script: string | URL, options: WorkerOptions = {}) {
      const address = String(script);
      if (address.startsWith('blob:')) super(address, options);
      else super(starterOf(new URL(address, globalThis.location.href).href), { ...options, type: 'module' });
    }
  };
}
