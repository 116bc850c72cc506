/** What this window and its threads asked the network for since it was loaded: the proof that nothing leaves. */
import { InternalError } from '../core/errors';
import type { RequestReport } from '../core/requests';
import type { Notices, NoticesState } from './notices';
import type { Part } from './part';

/** Requests to one address. */
export interface Asked {
  readonly address: string;
  readonly count: number;
}

/** Requests of one kind of thread to the page's own server. */
export interface OwnRequests {
  readonly count: number;
  /** That came over the network. */
  readonly bytes: number;
}

export interface RequestsState {
  readonly requests: {
    /** Beyond the page's own server, all threads together. */
    readonly beyond: readonly Asked[];
    /** Refused by the Content-Security-Policy. */
    readonly blocked: readonly Asked[];
    readonly own: Readonly<Record<RequestReport['thread'], OwnRequests>>;
    /** Requests of which nothing is known. */
    readonly missed: number;
  };
}

export interface RequestsPort extends Pick<Notices, 'report' | 'dismiss'> {
  /** Gives every report of this window's threads and of the service worker. */
  readonly onRequests: (listener: (report: RequestReport) => void) => void;
}

const NONE: OwnRequests = { count: 0, bytes: 0 };

export const INITIAL_REQUESTS: RequestsState = {
  requests: { beyond: [], blocked: [], own: { page: NONE, worker: NONE, 'service-worker': NONE }, missed: 0 },
};

/** How many requests went beyond the page's own server. What nobody saw counts as one that did. */
export const requestsBeyond = ({ requests }: RequestsState): number => countOf(requests.beyond) + requests.missed;

/** How many requests these are. */
export const countOf = (asked: readonly Asked[]): number => asked.reduce((sum, { count }) => sum + count, 0);

const MOST_ADDRESSES = 100;

/** The counts stay right where there are more addresses than are kept: the rest is put together. */
function add(asked: readonly Asked[], addresses: readonly string[]): readonly Asked[] {
  const counts = new Map(asked.map(({ address, count }) => [address, count]));
  for (const address of addresses) {
    const key = counts.has(address) || counts.size < MOST_ADDRESSES ? address : '…';
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([address, count]) => ({ address, count }));
}

/** Adds up what threads report; says it as an error at once where a request went beyond the page's own server. */
export function createRequests(part: Part<RequestsState & NoticesState>, port: RequestsPort): void {
  port.onRequests(({ thread, own, ownBytes, beyond, blocked, missed }) => {
    part.setState(({ requests: now }) => ({
      requests: {
        beyond: add(now.beyond, beyond),
        blocked: add(now.blocked, blocked),
        own: { ...now.own, [thread]: { count: now.own[thread].count + own, bytes: now.own[thread].bytes + ownBytes } },
        missed: now.missed + missed,
      },
    }));
    if (beyond.length === 0) return;
    const now = part.getState();
    for (const { id, message } of now.notices) if (message.code === 'requests-beyond') port.dismiss(id);
    const addresses = now.requests.beyond.map(({ address }) => address);
    port.report(
      new InternalError('requests-beyond', { count: countOf(now.requests.beyond), addresses: addresses.join(', ') }),
    );
  });
}
