/** Threads of a real browser, without a policy: what they ask for is counted, whatever they do about it. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { REQUEST_REPORTS, type RequestReport, reportingPage, watchRequests } from '../core/requests';
import { startBoundWorker } from './boundWorker';

/** Nobody listens there; a request that fails has left all the same. */
const OTHER = 'http://127.0.0.1:9/';

let reports: RequestReport[] = [];
let channel: BroadcastChannel;
beforeEach(() => {
  reports = [];
  channel = new BroadcastChannel(REQUEST_REPORTS);
  channel.onmessage = ({ data }) => reports.push(data);
});
afterEach(() => channel.close());

const beyond = (thread: RequestReport['thread']) =>
  reports.filter((report) => report.thread === thread).flatMap((report) => report.beyond);

it('counts the requests of the page, also those that its buffer of timings has no room for or that are cleared', async () => {
  performance.setResourceTimingBufferSize(1);
  watchRequests({ thread: 'page', page: reportingPage() });
  for (const at of [1, 2, 3]) {
    await fetch(`${OTHER}${at}`, { mode: 'no-cors' }).catch(() => undefined);
    performance.clearResourceTimings();
  }
  await fetch('data:text/plain,kept').catch(() => undefined);
  await fetch(URL.createObjectURL(new Blob(['kept'])));
  await fetch(`${location.origin}/favicon.ico`);
  await vi.waitFor(() => expect(beyond('page')).toEqual([1, 2, 3].map((at) => `${OTHER}${at}`)));
  await vi.waitFor(() => expect(reports.some(({ own }) => own > 0)).toBe(true));
  expect(reports.every(({ page }) => page === reportingPage())).toBe(true);
});

it('counts those of a worker and of a worker that this one starts, under the name of the page', async () => {
  const watched = (of: string, more: string) =>
    URL.createObjectURL(
      new Blob([`fetch('${OTHER}${of}', { mode: 'no-cors' }).catch(() => 0);${more}`], { type: 'text/javascript' }),
    );
  const worker = startBoundWorker(watched('worker', ''));
  const nested = new URL('./boundWorker.ts', import.meta.url).href;
  const parent = startBoundWorker(
    watched(
      'parent',
      `import('${nested}').then(({ startBoundWorker }) => startBoundWorker('${watched('nested', '')}'));`,
    ),
  );
  await vi.waitFor(
    () => expect([...beyond('worker')].sort()).toEqual(['nested', 'parent', 'worker'].map((of) => `${OTHER}${of}`)),
    {
      timeout: 10_000,
    },
  );
  expect(reports.every(({ page }) => page === reportingPage())).toBe(true);
  worker.terminate();
  parent.terminate();
});
