import { expect, it } from 'vitest';
import type { RequestReport } from '../core/requests';
import { app } from '../testing/testApp';
import { countOf, requestsBeyond } from './requests';

const QUIET: RequestReport = { thread: 'page', page: 'a', own: 0, ownBytes: 0, beyond: [], blocked: [], missed: 0 };

function reporting() {
  let listener = (_: RequestReport) => {};
  const a = app(
    {},
    {
      onRequests(given) {
        listener = given;
      },
    },
  );
  const report = (part: Partial<RequestReport>) => listener({ ...QUIET, ...part });
  return { report, now: () => a.state.getState() };
}

it('adds up what threads ask their own server for, and counts none of it as beyond', () => {
  const { report, now } = reporting();
  report({ own: 3, ownBytes: 100 });
  report({ thread: 'worker', own: 2, ownBytes: 50 });
  report({ thread: 'worker', own: 1, blocked: ['http://other/'] });
  const { own, blocked } = now().requests;
  expect(own).toEqual({
    page: { count: 3, bytes: 100 },
    worker: { count: 3, bytes: 50 },
    'service-worker': { count: 0, bytes: 0 },
  });
  expect(blocked).toEqual([{ address: 'http://other/', count: 1 }]);
  expect(requestsBeyond(now())).toBe(0);
  expect(now().notices).toEqual([]);
});

it('says requests to other servers as one error with every address', () => {
  const { report, now } = reporting();
  report({ thread: 'service-worker', beyond: ['http://other/a', 'http://other/a'] });
  report({ beyond: ['http://more/'] });
  expect(requestsBeyond(now())).toBe(3);
  expect(now().notices).toMatchObject([
    { kind: 'error', message: { code: 'requests-beyond', parameters: { addresses: 'http://other/a, http://more/' } } },
  ]);
});

it('takes requests that nobody saw for ones that went to other servers', () => {
  const { report, now } = reporting();
  report({ missed: 4 });
  expect(requestsBeyond(now())).toBe(4);
});

it('keeps counting where there are more addresses than it keeps', () => {
  const { report, now } = reporting();
  report({ beyond: Array.from({ length: 250 }, (_, i) => `http://other/${i}`) });
  report({ beyond: ['http://other/0', 'http://other/249'] });
  expect(countOf(now().requests.beyond)).toBe(252);
  expect(now().requests.beyond).toHaveLength(101);
});
