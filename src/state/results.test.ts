import { describe, expect, it } from 'vitest';
import { CancelledError } from '../core/errors';
import type { Manifest } from '../models/manifest';
import { app, model, open, segmented, type Work } from '../testing/testApp';
import { isOfNow, listedStructures } from './results';

describe('a result', () => {
  const t1 = { ...model, name: 't1-model', version: '2', channels: [{ name: 'MR', hints: ['t1'] }] } as Manifest;
  const models = [model, t1].map((manifest) => ({ address: `http://test/models/${manifest.name}/`, manifest }));
  const two = (inference: Partial<Work> = {}) =>
    app(inference, { fetchModels: async () => ({ models, errors: [] }), rememberedModel: () => 'bundled:t1-model' });

  it('is of the scan and the model that were run, whatever is shown and chosen later', async () => {
    const a = two();
    await a.loadModels();
    await open(a, 'p_flair.nii', 'p_t1.nii');
    await a.segment();
    a.showScan(0);
    a.selectModel('bundled:brain-mri');
    const now = a.state.getState();
    expect(now.scan?.name).toBe('p_flair.nii');
    expect(now.result?.origin).toMatchObject({
      modelId: 'bundled:t1-model',
      model: { name: 't1-model', version: '2' },
      inputs: [{ id: now.scans[1].id, name: 'p_t1.nii', channel: 'MR' }],
      provider: { provider: 'wasm' },
    });
    expect(now.result && isOfNow(now.result, now)).toBe(false);
    a.selectModel('bundled:t1-model');
    expect(now.result && isOfNow(now.result, a.state.getState())).toBe(true);
    a.assign(0, 0);
    expect(now.result && isOfNow(now.result, a.state.getState())).toBe(false);
  });

  it('is shown over the scan that is segmented: a model of one channel opens with its own', async () => {
    const a = two();
    await a.loadModels();
    await open(a, 'p_flair.nii', 'p_t1.nii');
    expect([a.state.getState().scan?.name, a.session.volume?.name]).toEqual(['p_t1.nii', 'p_t1.nii']);
  });

  it('of another model gives way to the structures of the running one as soon as some are drawn, and comes back', async () => {
    const listed: unknown[] = [];
    const list = () => {
      const { result, partial } = a.state.getState();
      const { labels, sizes, drawn } = listedStructures(result, partial, t1);
      listed.push([labels.map(({ name }) => name), sizes === null, drawn]);
    };
    const named = (name: string, structure: string) => ({
      address: `http://test/models/${name}/`,
      manifest: {
        ...model,
        ...{ name, regions: [], labels: [{ id: 1, name: structure, color: [1, 1, 1] }] },
      } as unknown as Manifest,
    });
    let slabs = false;
    const a: ReturnType<typeof app> = app(
      {
        segment: async ([scan], { onSlab }) => {
          if (!slabs) return segmented(scan);
          list();
          onSlab?.({ startXyz: [0, 0, 0], dimsXyz: [1, 1, 1], data: Uint8Array.of(1) });
          list();
          throw new CancelledError();
        },
      },
      { fetchModels: async () => ({ models: [named('a', 'liver'), named('b', 'heart')], errors: [] }) },
    );
    await a.loadModels();
    await open(a, 'a.nii');
    await a.segment();
    slabs = true;
    a.markSaved(a.state.getState().result?.id as number);
    a.selectModel('bundled:b');
    await a.segment();
    list();
    expect(listed).toEqual([
      [['liver'], false, true],
      [['heart'], true, true],
      [['liver'], false, true],
    ]);
  });
});
