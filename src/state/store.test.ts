import { describe, expect, it } from 'vitest';
import { CancelledError, InvalidInputError, ModelError } from '../core/errors';
import { message } from '../core/messages';
import type { Phase, Progress, SegmentResult } from '../inference/protocol';
import { say } from '../locales/say';
import type { Manifest } from '../models/manifest';
import { app, file, model, open, segmented, volume } from '../testing/testApp';
import type { LabelBox } from '../volume/labelBox';
import type { Volume } from '../volume/volume';
import type { Inference } from './store';

describe('opening a file', () => {
  it('shows the scan and its warnings', async () => {
    const a = app({ readVolume: async (_, name) => volume(name, [message('orientation-unknown')]) });
    expect(await open(a, 'a.nii')).toBe(true);
    const { status, scan, notices } = a.state.getState();
    expect([status, scan?.name, scan?.spacingXyz]).toEqual(['ready', 'a.nii', [1, 2, 5]]);
    expect(notices).toMatchObject([{ kind: 'warning', message: { code: 'orientation-unknown' } }]);
  });

  it('keeps scan, masks and warnings when the next file cannot be read', async () => {
    let broken = false;
    const a = app({
      readVolume: async (_, name) => {
        if (broken) throw new InvalidInputError('not-nifti', 'b.txt is not a NIfTI file.');
        return volume(name, [message('qform-not-used')]);
      },
    });
    await a.loadModels();
    await open(a, 'a.nii');
    await a.segment();
    const { volume: scanBefore, labels: labelsBefore } = a.session;
    const resultBefore = a.state.getState().result;
    broken = true;
    expect(await open(a, 'b.txt')).toBe(false);
    const { status, scan, result, notices } = a.state.getState();
    expect([status, scan?.name]).toEqual(['segmented', 'a.nii']);
    expect(result).toBe(resultBefore);
    expect(a.session.volume).toBe(scanBefore);
    expect(a.session.labels).toBe(labelsBefore);
    expect(notices.map(({ kind, message }) => [kind, message.code])).toEqual([
      ['warning', 'qform-not-used'],
      ['error', 'not-nifti'],
    ]);
  });

  it('shows the file asked for last, whichever is read first', async () => {
    const reads = new Map<string, (v: Volume) => void>();
    const a = app({ readVolume: (_, name) => new Promise((resolve) => reads.set(name, resolve)) });
    const slow = open(a, 'slow.nii');
    const fast = open(a, 'fast.nii');
    await Promise.resolve();
    reads.get('fast.nii')?.(volume('fast.nii'));
    expect(await fast).toBe(true);
    reads.get('slow.nii')?.(volume('slow.nii'));
    expect(await slow).toBe(false);
    expect(a.state.getState().scan?.name).toBe('fast.nii');
    expect(a.session.volume?.name).toBe('fast.nii');
  });

  it('drops the masks of the scan before, once they are saved', async () => {
    const a = app();
    await a.loadModels();
    await open(a, 'a.nii');
    await a.segment();
    a.markSaved(a.state.getState().result?.id as number);
    await open(a, 'b.nii');
    expect(a.state.getState().result).toBeNull();
    expect(a.session.labels).toBeNull();
  });
});

describe('segmenting', () => {
  it('mirrors as the model says until asked otherwise, and again when another model is chosen', async () => {
    const seen: unknown[] = [];
    const models = ['brain-mri', 'other'].map((name) => ({
      address: `http://test/models/${name}/`,
      manifest: { ...model, name } as Manifest,
    }));
    const segment: Inference['segment'] = async ([scan], { mirror }) => {
      seen.push(mirror);
      return segmented(scan);
    };
    const a = app({ segment }, { fetchModels: async () => ({ models, errors: [] }) });
    await a.loadModels();
    await open(a, 'a.nii');
    await a.segment();
    a.selectMirror(false);
    await a.segment();
    a.markSaved(a.state.getState().result?.id as number);
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
    const { labels } = a.session;
    stop = true;
    const running = a.segment();
    expect(a.state.getState().status).toBe('segmenting');
    a.cancel();
    expect(a.state.getState().status).toBe('cancelling');
    await running;
    expect(a.state.getState()).toMatchObject({ status: 'cancelled', progress: null, notices: [] });
    expect(a.session.labels).toBe(labels);
    stop = false;
    await a.segment();
    expect(a.state.getState().status).toBe('segmented');
  });

  it('says why a run failed and keeps the scan', async () => {
    const a = app({ segment: () => Promise.reject(new ModelError('model-checksum', { file: 'model.onnx' })) });
    await a.loadModels();
    await open(a, 'a.nii');
    await a.segment();
    const { status, scan, notices } = a.state.getState();
    expect([status, scan?.name, notices[0].message]).toMatchObject([
      'failed',
      'a.nii',
      { code: 'model-checksum', parameters: { file: 'model.onnx' } },
    ]);
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
        const { result } = a.state.getState();
        for (const [y, labels] of [
          [2, [3, 3]],
          [0, [1, 2]],
        ] as const) {
          onSlab?.(row(y, [...labels]));
          const { status, partial } = a.state.getState();
          seen.push([status, partial?.origin.model.name, partial?.box.startXyz, [...(a.session.partial?.data ?? [])]]);
        }
        expect(a.state.getState().result).toBe(result);
        return segmented(scan);
      },
    });
    await a.loadModels();
    await a.openFiles([{ path: 'a.nii', file }]);
    await a.segment();
    slabs = true;
    await a.segment();
    expect(seen).toEqual([
      ['segmenting', 'brain-mri', [0, 2, 0], [0, 0, 0, 0, 3, 3]],
      ['segmenting', 'brain-mri', [0, 0, 0], [1, 2, 0, 0, 3, 3]],
    ]);
    expect([a.state.getState().partial, a.session.partial]).toEqual([null, null]);
    expect([...(a.session.labels?.data ?? [])]).toEqual([0, 1, 1, 2, 2, 2]);
  });

  it('vanish when the run begins anew on another provider, and are not mixed with what comes then', async () => {
    const seen: unknown[] = [];
    const at = (phase: Phase): Progress => ({ phase, done: 0, total: 1, secondsLeft: null });
    const a = app({
      segment: async ([scan], { onSlab, onProgress }) => {
        const show = () => seen.push([...(a.session.partial?.data ?? [])], a.state.getState().partial === null);
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
    ['failed', new ModelError('broken-output', 'The output is broken.')],
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
    const { result } = a.state.getState();
    const { labels } = a.session;
    slabs = true;
    await a.segment();
    expect(a.state.getState()).toMatchObject({ status, partial: null });
    expect(a.state.getState().result).toBe(result);
    expect([a.session.labels, a.session.partial]).toEqual([labels, null]);
    expect(a.session.labels).toBe(labels);
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
    expect(a.state.getState()).toMatchObject({ status: 'cancelling', partial: null });
    await running;
    late?.(row(0, [1, 1]));
    expect(a.state.getState()).toMatchObject({ status: 'cancelled', partial: null });
  });
});

describe('the demo', () => {
  it('waits for the models, then opens and segments the sample', async () => {
    const a = app();
    await a.openDemo();
    expect(a.state.getState()).toMatchObject({ status: 'segmented', modelId: 'bundled:brain-mri' });
  });

  it('shows the scan even when there is no model', async () => {
    const a = app({}, { fetchModels: () => Promise.reject(new ModelError('models-missing', 'No models.')) });
    await a.openDemo();
    const { status, notices } = a.state.getState();
    expect(status).toBe('ready');
    expect(notices.map(({ message }) => message.code)).toContain('models-missing');
  });
});

describe('several scans', () => {
  const four = ['T1', 'T1ce', 'T2', 'FLAIR'].map((name) => ({ name, hints: [name.toLowerCase()] }));
  const brats = { ...model, name: 'brats', title: 'Tumour', channels: four } as unknown as Manifest;
  const far = { dimsXyz: [3, 3, 1] as const };

  function withBrats(inference: Partial<Inference> = {}) {
    const models = [model, brats].map((manifest) => ({ address: `http://test/models/${manifest.name}/`, manifest }));
    return app(inference, {
      fetchModels: async () => ({ models, errors: [] }),
      rememberedModel: () => 'bundled:brats',
    });
  }

  it('find their channels by name and reach the network in its order', async () => {
    const names: string[][] = [];
    const a = withBrats({
      segment: async (volumes) => {
        names.push(volumes.map(({ name }) => name));
        return segmented(volumes[0]);
      },
    });
    await a.loadModels();
    await open(a, 'p/x_flair.nii', 'p/x_t1.nii', 'p/x_t2.nii', 'p/x_t1ce.nii');
    expect(a.state.getState().assignment).toEqual([1, 3, 2, 0]);
    await a.segment();
    expect(names).toEqual([['x_t1.nii', 'x_t1ce.nii', 'x_t2.nii', 'x_flair.nii']]);
    expect(a.state.getState().status).toBe('segmented');
  });

  it('join what is open while the model lacks one, keeping the picture and choices made by hand', async () => {
    const a = withBrats();
    await a.loadModels();
    await open(a, 'a.nii', 'b.nii');
    a.assign(3, 1);
    const { scan } = a.state.getState();
    await open(a, 'x_t1ce.nii', 'x_t2.nii');
    expect(a.state.getState().scan).toBe(scan);
    expect(a.state.getState().assignment).toEqual([0, 2, 3, 1]);
    await open(a, 'next_patient_t1.nii');
    expect(a.state.getState().scans.map(({ name }) => name)).toEqual(['next_patient_t1.nii']);
  });

  it('are refused together when their grids differ, and take nothing away', async () => {
    const a = withBrats({
      readVolume: async (_, name) => ({ ...volume(name), ...(name.startsWith('far') ? far : {}) }),
    });
    await a.loadModels();
    await open(a, 'x_t1.nii');
    expect(await a.openFiles([{ path: 'far_t2.nii', file }], 'join')).toBe(false);
    expect(a.state.getState()).toMatchObject({ status: 'ready', scan: { name: 'x_t1.nii' } });
    expect(a.state.getState().notices.map(({ message }) => message.code)).toEqual(['grids-differ']);
    expect(await open(a, 'x_t1.nii', 'far_t2.nii')).toBe(false);
    expect(a.session.volumes).toHaveLength(1);
    // Dropped by itself it is another patient's.
    expect(await open(a, 'far_t2.nii')).toBe(true);
    expect(a.session.volume?.name).toBe('far_t2.nii');
  });

  it('are not segmented while a channel has none; the message names it', async () => {
    const a = withBrats();
    await a.loadModels();
    await open(a, 'x_t1.nii', 'x_t2.nii');
    await a.segment();
    const { status, notices } = a.state.getState();
    expect(status).toBe('ready');
    expect(notices).toMatchObject([{ message: { code: 'channel-missing', parameters: { channels: 'T1ce, FLAIR' } } }]);
  });

  it('are assigned anew when another model is chosen, and can be shown one by one', async () => {
    const a = withBrats();
    await a.loadModels();
    await open(a, 'x_t2.nii', 'x_t1.nii');
    expect(a.state.getState().assignment).toEqual([1, null, 0, null]);
    a.selectModel('bundled:brain-mri');
    expect(a.state.getState().assignment).toEqual([0]);
    a.showScan(1);
    expect([a.session.volume?.name, a.state.getState().scan?.name]).toEqual(['x_t1.nii', 'x_t1.nii']);
  });
});
