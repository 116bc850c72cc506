/**
 * What each thread asks the network for. Every thread of a window and the service worker watch themselves and report to
 * the window, which adds up (state/requests.ts).
 */

/** The BroadcastChannel of all reports, of every window of this origin. */
export const REQUEST_REPORTS = 'organscope.requests';

/** Whose requests they are. */
export interface RequestWatch {
  readonly thread: 'page' | 'worker' | 'service-worker';
  /** The window that the thread works for; null: for all of them. */
  readonly page: string | null;
}

/** What a thread saw since its last report. */
export interface RequestReport extends RequestWatch {
  /** Requests to the page's own server, and bytes that came from it; nothing for what the browser had kept. */
  readonly own: number;
  readonly ownBytes: number;
  /** Addresses beyond it, one for each request. */
  readonly beyond: readonly string[];
  /** Addresses that the Content-Security-Policy refused, one for each try. */
  readonly blocked: readonly string[];
  /** Requests that the browser did not keep until the watch began. */
  readonly missed: number;
}

/** What `watchRequests` leaves for workers that this thread starts. */
const marked = globalThis as { organscopePage?: string | null };

/** Names this window in reports: the same in all of its threads. */
export function reportingPage(): string | null {
  if (marked.organscopePage === undefined) marked.organscopePage = `${Date.now()}-${Math.random()}`;
  return marked.organscopePage;
}

/**
 * Watches this thread from now on; what the browser kept of before is counted too. The observer hears of every request,
 * whatever the buffer of resource timings holds. To be called once, and early.
 *
 * A function of its own text: it uses nothing of this file, because the blob that starts a worker has it as source.
 */
export function watchRequests({ thread, page }: RequestWatch): void {
  const SETTLING_MS = 200;
  const channel = new BroadcastChannel('organscope.requests');
  (globalThis as { organscopePage?: string | null }).organscopePage = page;
  /** What was refused, as 'directive address': how often, and by which policy how often. */
  const refused = new Map<string, { tries: number; readonly by: Map<string, number> }>();
  /** Of each, it is known by the second report whether it was refused. */
  let fresh: PerformanceResourceTiming[] = [];
  let settled: PerformanceResourceTiming[] = [];
  let blocked: string[] = [];
  let missed = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Chromium lists some refused requests among those that were made, before or after it says that they were refused. A
   * policy that has refused an address to a kind of request lets none of that kind through.
   */
  const directives: Readonly<Record<string, readonly string[]>> = {
    fetch: ['connect-src'],
    xmlhttprequest: ['connect-src'],
    beacon: ['connect-src'],
    ping: ['connect-src'],
    other: ['connect-src', 'worker-src', 'media-src', 'font-src', 'object-src'],
    img: ['img-src'],
    image: ['img-src'],
    input: ['img-src'],
    script: ['script-src', 'script-src-elem', 'worker-src'],
    link: ['default-src', 'prefetch-src', 'style-src', 'style-src-elem', 'script-src-elem', 'img-src', 'manifest-src'],
    css: ['style-src', 'style-src-elem', 'img-src', 'font-src'],
    iframe: ['frame-src'],
    object: ['object-src'],
    embed: ['object-src'],
    video: ['media-src'],
    audio: ['media-src'],
  };
  const wasRefused = ({ initiatorType, name }: PerformanceResourceTiming) =>
    (directives[initiatorType] ?? []).some(
      (directive) =>
        refused.has(`${directive} ${name.split('#')[0]}`) ||
        // Of a frame, only the origin is told.
        (directive === 'frame-src' && refused.has(`${directive} ${new URL(name).origin}`)),
    );
  const isNetwork = (address: string) => /^(https?|wss?):/.test(address);

  const report = () => {
    timer = undefined;
    const made = settled.filter((entry) => isNetwork(entry.name) && !wasRefused(entry));
    const isOwn = ({ name }: PerformanceResourceTiming) => new URL(name).origin === globalThis.origin;
    const own = made.filter(isOwn);
    const told = {
      thread,
      page,
      own: own.length,
      ownBytes: own.reduce((sum, { transferSize }) => sum + transferSize, 0),
      beyond: made.filter((entry) => !isOwn(entry)).map(({ name }) => name),
      blocked,
      missed,
    };
    [settled, fresh, blocked, missed] = [fresh, [], [], 0];
    if (settled.length > 0) later();
    if (told.own + told.beyond.length + told.blocked.length + told.missed > 0) channel.postMessage(told);
  };
  const later = () => {
    if (timer === undefined) timer = setTimeout(report, SETTLING_MS);
  };

  addEventListener('securitypolicyviolation', (event) => {
    const { blockedURI, effectiveDirective, originalPolicy, disposition } = event as SecurityPolicyViolationEvent;
    if (disposition !== 'enforce' || !isNetwork(blockedURI)) return;
    const key = `${effectiveDirective} ${blockedURI.split('#')[0]}`;
    const what = refused.get(key) ?? { tries: 0, by: new Map<string, number>() };
    refused.set(key, what);
    // Of one try, each of a page's policies tells: the header's and the one in the page.
    const times = (what.by.get(originalPolicy) ?? 0) + 1;
    what.by.set(originalPolicy, times);
    if (times <= what.tries) return;
    what.tries = times;
    blocked.push(blockedURI);
    later();
  });
  // A browser that knows no navigation timing, or a thread that has none, ignores that type.
  for (const type of ['navigation', 'resource']) {
    const onEntries = (
      list: PerformanceObserverEntryList,
      _observer: PerformanceObserver,
      options?: { readonly droppedEntriesCount?: number },
    ) => {
      fresh.push(...(list.getEntries() as PerformanceResourceTiming[]));
      missed += options?.droppedEntriesCount ?? 0;
      later();
    };
    new PerformanceObserver(onEntries).observe({ type, buffered: true });
  }
}
