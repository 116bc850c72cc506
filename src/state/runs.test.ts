import { describe, expect, it } from 'vitest';
import { CancelledError, ModelError } from '../core/errors';
import type { Phase, Progress, SegmentResult } from '../inference/protocol';
import { say } from '../locales/say';
import type { Manifest } from '../models/manifest';
import { app, file, model, onScreen, open, save, segmented, volume, type Work } from '../testing/testApp';
import type { LabelBox } from '../volume/labelBox';

describe('segmenting', () => {
  it('mirrors as the model says until asked otherwise, and again when another model is chosen', async () => {
    const seen: unknown[] = [];
    const models = ['brain-mri', 'other'].map((name) => ({
      address: `http://test/models/${name}/`,
      manifest: { ...model, name } as Manifest,
    }));
    const segment: Work['segment'] = async ([scan], { mirror }) => {
      seen.push(mirror);
      return segmented(scan);
    };
    const a = app({ segment }, { fetchModels: async () => ({ models, errors: [], isRemembered: false }) });
    await a.loadModels();
    await open(a, 'a.nii');
    await a.segment();
    a.selectMirror(false);
    await a.segment();
    save(a);
    a.selectModel('bundled:other');
    await a.segment();
    expect(seen).toEqual([undefined, false, undefined]);
  });

  it('cancels through the signal, keeps earlier masks, and can run again', async () => {
    let stop = false;
    const a = app({
      segment: ([scan], { signal }) =>
        stop
          ? new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new CancelledError())))
          : Promise.resolve(segmented(scan)),
    });
    await a.loadModels();
    await open(a, 'a.nii');
    await a.segment();
    const { masks } = onScreen(a);
    stop = true;
    const running = a.segment();
    expect(a.state.getState().status).toBe('segmenting');
    a.cancel();
    expect(a.state.getState().status).toBe('cancelling');
    await running;
    expect(a.state.getState()).toMatchObject({ status: 'cancelled', progress: null, notices: [] });
    expect(onScreen(a).masks).toBe(masks);
    stop = false;
    await a.segment();
    expect(a.state.getState().status).toBe('segmented');
  });

  it('runs the model that is chosen when the question about the result is answered', async () => {
    const models = ['brain-mri', 'first', 'second'].map((name) => ({
      address: `http://test/models/${name}/`,
      manifest: { ...model, name, title: name } as Manifest,
    }));
    const urls: string[] = [];
    const segment: Work['segment'] = async ([scan], { modelUrl }) => {
      urls.push(modelUrl);
      return segmented(scan);
    };
    const a = app({ segment }, { fetchModels: async () => ({ models, errors: [], isRemembered: false }) });
    await a.loadModels();
    await open(a, 'a.nii');
    await a.segment();
    a.selectModel('bundled:first');
    const running = a.segment();
    expect(a.state.getState().question).not.toBeNull();
    a.selectModel('bundled:second');
    a.answer('replace');
    await running;
    const { labels } = onScreen(a);
    expect([urls.at(-1), labels?.name, labels?.madeFrom]).toMatchObject([
      'http://test/models/second/',
      'second',
      { model: { name: 'second' } },
    ]);
  });

  it('says why a run failed and keeps the scan', async () => {
    const a = app({ segment: () => Promise.reject(new ModelError('model-checksum', { file: 'model.onnx' })) });
    await a.loadModels();
    await open(a, 'a.nii');
    await a.segment();
    const { status, notices } = a.state.getState();
    expect([status, onScreen(a).scan?.name]).toEqual(['failed', 'a.nii']);
    expect(notices[0].message).toEqual({ code: 'model-checksum', parameters: { file: 'model.onnx' } });
  });

  it('refuses another file while running, in words', async () => {
    let finish: (result: SegmentResult) => void = () => undefined;
    const a = app({ segment: () => new Promise((resolve) => (finish = resolve)) });
    await a.loadModels();
    await open(a, 'a.nii');
    const running = a.segment();
    expect(await open(a, 'b.nii')).toBe(false);
    expect(say(a.state.getState().notices[0].message)).toBe(
      'b.nii was not opened: a segmentation was running. Open it when the run has ended or was cancelled.',
    );
    expect(a.state.getState().status).toBe('segmenting');
    finish(segmented(volume('a.nii')));
    await running;
    expect(a.state.getState().status).toBe('segmented');
  });

  it('keeps the provider that a progress report named when the next one names none', async () => {
    const a = app({
      segment: async ([scan], { onProgress }) => {
        const { provider } = segmented(scan);
        onProgress?.({ phase: 'infer', done: 0, total: 2, secondsLeft: null }, provider);
        onProgress?.({ phase: 'infer', done: 1, total: 2, secondsLeft: 3 });
        expect(a.state.getState()).toMatchObject({ runningOn: provider, progress: { done: 1 } });
        return segmented(scan);
      },
    });
    await a.loadModels();
    await open(a, 'a.nii');
    await a.segment();
    expect(a.state.getState().status).toBe('segmented');
  });
});

describe('masks in the making', () => {
  const row = (y: number, labels: number[]): LabelBox => ({
    startXyz: [0, y, 0],
    dimsXyz: [2, 1, 1],
    data: Uint8Array.from(labels),
  });

  it('grow box by box beside the earlier result, and are replaced by the whole', async () => {
    const seen: unknown[] = [];
    let slabs = false;
    const a = app({
      segment: async ([scan], { onSlab }) => {
        if (!slabs) return segmented(scan);
        const { labels: before } = onScreen(a);
        for (const [y, labels] of [
          [2, [3, 3]],
          [0, [1, 2]],
        ] as const) {
          onSlab?.(row(y, [...labels]));
          const { status, unfinished } = a.state.getState();
          seen.push([
            status,
            unfinished?.madeFrom.model.name,
            unfinished?.revision,
            unfinished?.box.startXyz,
            [...(onScreen(a).growing ?? [])],
          ]);
        }
        expect(onScreen(a).labels).toBe(before);
        return segmented(scan);
      },
    });
    await a.loadModels();
    await a.openFiles([{ path: 'a.nii', file }]);
    await a.segment();
    slabs = true;
    await a.segment();
    expect(seen).toEqual([
      ['segmenting', 'brain-mri', 0, [0, 2, 0], [0, 0, 0, 0, 3, 3]],
      ['segmenting', 'brain-mri', 1, [0, 0, 0], [1, 2, 0, 0, 3, 3]],
    ]);
    const { growing, masks } = onScreen(a);
    expect([growing, [...(masks ?? [])]]).toEqual([null, [0, 1, 1, 2, 2, 2]]);
    // The scan's voxels and the new masks; what was replaced and what grew is freed.
    expect(a.study.voxels.size).toBe(2);
  });

  it('vanish when the run begins anew on another provider, and are not mixed with what comes then', async () => {
    const seen: unknown[] = [];
    const at = (phase: Phase): Progress => ({ phase, done: 0, total: 1, secondsLeft: null });
    const a = app({
      segment: async ([scan], { onSlab, onProgress }) => {
        const show = () => seen.push([...(onScreen(a).growing ?? [])], a.state.getState().unfinished === null);
        onProgress?.(at('prepare'));
        onSlab?.(row(2, [3, 3]));
        show();
        onProgress?.(at('prepare'));
        show();
        onSlab?.(row(0, [1, 2]));
        show();
        return segmented(scan);
      },
    });
    await a.loadModels();
    await a.openFiles([{ path: 'a.nii', file }]);
    await a.segment();
    expect(seen).toEqual([[0, 0, 0, 0, 3, 3], false, [], true, [1, 2, 0, 0, 0, 0], false]);
  });

  it.each([
    ['cancelled', new CancelledError()],
    ['failed', new ModelError('broken-output')],
  ])('vanish when the run is %s, and what was there before is there again', async (status, error) => {
    let slabs = false;
    const a = app({
      segment: async ([scan], { onSlab }) => {
        if (!slabs) return segmented(scan);
        onSlab?.(row(0, [1, 2]));
        throw error;
      },
    });
    await a.loadModels();
    await a.openFiles([{ path: 'a.nii', file }]);
    await a.segment();
    const before = onScreen(a);
    slabs = true;
    await a.segment();
    expect(a.state.getState()).toMatchObject({ status, unfinished: null });
    expect(onScreen(a).labels).toBe(before.labels);
    expect(onScreen(a).masks).toBe(before.masks);
    expect(a.study.voxels.size).toBe(2);
  });

  it('do not grow any more after a cancel', async () => {
    let late: ((box: LabelBox) => void) | undefined;
    const a = app({
      segment: (_, { onSlab, signal }) => {
        late = onSlab;
        return new Promise((_resolve, reject) =>
          signal?.addEventListener('abort', () => setTimeout(() => reject(new CancelledError()))),
        );
      },
    });
    await a.loadModels();
    await a.openFiles([{ path: 'a.nii', file }]);
    const running = a.segment();
    a.cancel();
    late?.(row(0, [1, 1]));
    expect(a.state.getState()).toMatchObject({ status: 'cancelling', unfinished: null });
    await running;
    late?.(row(0, [1, 1]));
    expect(a.state.getState()).toMatchObject({ status: 'cancelled', unfinished: null });
  });
});
