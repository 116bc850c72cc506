import { describe, expect, it } from 'vitest';
import { message } from '../core/messages';
import { editLabels } from '../study/commands';
import { deltaOf } from '../study/labelDelta';
import { app, onScreen, open, save, segmented } from '../testing/testApp';
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

  it('is asked about where the masks were edited while their file was being made', async () => {
    const a = app();
    const page = new EventTarget();
    askBeforeLeaving(a, page);
    const asks = () => !page.dispatchEvent(new Event('beforeunload', { cancelable: true }));
    await a.loadModels();
    await open(a, 'a.nii');
    await a.segment();
    const { labels: inFile, masks } = onScreen(a);
    if (!inFile || !masks) throw new Error('no masks');
    const box = { startXyz: [0, 0, 0], dimsXyz: [1, 1, 1], data: Uint8Array.of(9) } as const;
    const delta = deltaOf({ dimsXyz: inFile.grid.dimsXyz, data: masks }, box);
    a.study.apply(editLabels(inFile.id, delta, message('painted')));
    a.markSaved(inFile);
    expect(asks()).toBe(true);
    save(a);
    expect(asks()).toBe(false);
  });
});
