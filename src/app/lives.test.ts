/** Files opened, runs begun, drawn, cancelled, failed and begun anew, questions answered: in any order. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CancelledError, ModelError } from '../core/errors';
import type { SegmentOptions } from '../inference/client';
import type { Progress, SegmentResult } from '../inference/protocol';
import type { Manifest } from '../models/manifest';
import { app, model, open, save, segmented } from '../testing/testApp';
import type { Volume } from '../volume/volume';

const NAMES = ['brain-mri', 'other'];

/** A run as the worker sees it. */
interface Run {
  readonly volumes: readonly Volume[];
  readonly options: SegmentOptions;
  readonly resolve: (result: SegmentResult) => void;
  readonly reject: (error: Error) => void;
}

const STEPS = [
  'open',
  'open two',
  'segment',
  'slab',
  'anew',
  'finish',
  'fail',
  'cancel',
  'cancelled',
  'model',
  'channel',
  'show',
  'keep',
  'replace',
  'save',
] as const;

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

async function live(steps: readonly (typeof STEPS)[number][]): Promise<void> {
  const runs: Run[] = [];
  const models = NAMES.map((name) => ({
    address: `http://test/models/${name}/`,
    manifest: { ...model, name } as Manifest,
  }));
  const segment = (volumes: readonly Volume[], options: SegmentOptions) =>
    new Promise<SegmentResult>((resolve, reject) => runs.push({ volumes, options, resolve, reject }));
  const a = app({ segment }, { fetchModels: async () => ({ models, errors: [], isRemembered: false }) });
  await a.loadModels();
  let files = 0;
  const name = () => `${files++}.nii`;
  for (const step of steps) {
    const run = runs.at(-1);
    const now = a.state.getState();
    const { scans } = now.study;
    if (step === 'open') void open(a, name());
    if (step === 'open two') void open(a, name(), name());
    if (step === 'segment') void a.segment();
    if (step === 'slab') run?.options.onSlab?.({ startXyz: [0, 0, 0], dimsXyz: [1, 1, 1], data: Uint8Array.of(1) });
    if (step === 'anew') run?.options.onProgress?.({ phase: 'prepare' } as Progress);
    if (step === 'finish') run?.resolve(segmented(run.volumes[0]));
    if (step === 'fail') run?.reject(new ModelError('model-checksum', { file: 'a' }));
    if (step === 'cancel') a.cancel();
    if (step === 'cancelled' && run?.options.signal?.aborted) run.reject(new CancelledError());
    if (step === 'model') a.selectModel(`bundled:${NAMES[Number(now.modelId === 'bundled:brain-mri')]}`);
    if (step === 'channel' && scans.length > 0) a.assign(0, scans[scans.length - 1].id);
    if (step === 'show' && scans.length > 0) a.showScan(scans[scans.length - 1].id);
    if (step === 'keep' || step === 'replace') a.answer(step);
    if (step === 'save') save(a);
    await settled();
    expectSound(a, runs);
  }
}

function expectSound(a: ReturnType<typeof app>, runs: readonly Run[]): void {
  const { study, shownLabelsId, unfinished, status } = a.state.getState();
  expect(study).toBe(a.study.document);
  // No array is left behind, and none is missing.
  expect(a.study.voxels.size).toBe(study.scans.length + study.labelMaps.length + Number(unfinished !== null));
  for (const { voxels } of [...study.scans, ...study.labelMaps, ...(unfinished ? [unfinished] : [])])
    expect(a.study.voxels.get(voxels)).toHaveLength(voxels.length);
  if (unfinished) expect(['segmenting', 'cancelling']).toContain(status);
  expect(study.labelMaps.map(({ id }) => id)).toEqual(shownLabelsId ? [shownLabelsId] : []);
  for (const { madeFrom, over } of study.labelMaps) {
    if (madeFrom.kind !== 'model') continue;
    const of = study.scans.find(({ id }) => id === over);
    expect(madeFrom.inputs).toMatchObject([{ scan: over, name: of?.name }]);
    const run = runs.find(
      ({ volumes: [{ name }], options }) =>
        name === of?.name && options.modelUrl === `http://test/models/${madeFrom.model.name}/`,
    );
    expect(run).toBeDefined();
  }
}

it('leave no array behind, and bind each result to the scan and the model that it is of', async () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...STEPS) },
    {
      weight: 2,
      arbitrary: fc.constantFrom('segment' as const, 'slab' as const, 'finish' as const, 'replace' as const),
    },
  );
  const lives = fc.array(step, { minLength: 5, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(lives, (steps) => live(['open', 'segment', ...steps])),
    { numRuns: 100 },
  );
});
