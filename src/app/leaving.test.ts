import { describe, expect, it } from 'vitest';
import { app, open, save, segmented } from '../testing/testApp';
import { askBeforeLeaving } from './leaving';

describe('leaving the page', () => {
  it('is asked about while a run goes on or a result is not saved, and only then', async () => {
    let finish = () => {};
    const a = app({
      segment: ([scan]) =>
        new Promise((resolve) => {
          finish = () => resolve(segmented(scan));
        }),
    });
    const page = new EventTarget();
    askBeforeLeaving(a, page);
    const asks = () => !page.dispatchEvent(new Event('beforeunload', { cancelable: true }));
    await a.loadModels();
    await open(a, 'a.nii');
    expect(asks()).toBe(false);
    const run = a.segment();
    expect(asks()).toBe(true);
    finish();
    await run;
    expect(asks()).toBe(true);
    save(a);
    expect(asks()).toBe(false);
  });
});
