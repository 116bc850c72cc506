import { describe, expect, it } from 'vitest';
import { say } from '../locales/say';
import type { Manifest } from '../models/manifest';
import { app, model, open, volume } from '../testing/testApp';
import type { Volume } from '../volume/volume';
import { chosenWarnings, fittingModel } from './modelChoice';

const made = (name: string, change: object) => ({ ...model, name, title: `Title of ${name}`, ...change }) as Manifest;

/** MR first, as the page lists them; the CT models differ in how good they are. */
const manifests = [
  made('brain', { modality: 'MR' }),
  made('trunk-try', { modality: 'CT', experimental: true }),
  made('trunk', { modality: 'CT' }),
  made('pair', { modality: 'CT', channels: ['a', 'b'].map((name) => ({ name, hints: [name] })) }),
];

/** Files whose names begin with "ct" hold Hounsfield units. */
const reading = async (_: Blob, name: string): Promise<Volume> => ({
  ...volume(name),
  dimsXyz: [20, 20, 20],
  data: Int16Array.from({ length: 8000 }, (_, i) =>
    name.startsWith('ct') ? [-1000, -1000, 40, 60, 900][i % 5] : 20 + (i % 600),
  ),
});

function withModels(remembered: string | null = null) {
  const models = manifests.map((manifest) => ({ address: `http://test/models/${manifest.name}/`, manifest }));
  return app(
    { readVolume: reading },
    { fetchModels: async () => ({ models, errors: [], isRemembered: false }), rememberedModel: () => remembered },
  );
}

const said = (a: ReturnType<typeof app>) => a.state.getState().notices.map(({ message }) => say(message));

describe('the model for a scan', () => {
  it('is one that is made for it where the last one is not, and that is said', async () => {
    const a = withModels('bundled:brain');
    await a.loadModels();
    await open(a, 'ct.nii');
    expect(a.state.getState().modelId).toBe('bundled:trunk');
    expect(said(a)).toMatchObject([
      expect.stringMatching(
        /^Title of brain does not suit this scan: ct\.nii looks like CT.* Title of trunk is chosen instead\.$/,
      ),
    ]);
    expect(chosenWarnings(a.state.getState())).toEqual([]);
    // Not by the user: the next scan of the other kind gets the last choice again.
    await open(a, 'mr.nii');
    expect(a.state.getState().modelId).toBe('bundled:brain');
  });

  it('is the last one wherever that suits, also before others and when the models arrive late', async () => {
    const a = withModels('bundled:trunk-try');
    await open(a, 'ct.nii');
    await a.loadModels();
    expect([a.state.getState().modelId, said(a)]).toEqual(['bundled:trunk-try', []]);
    const late = withModels('bundled:brain');
    await open(late, 'ct.nii');
    await late.loadModels();
    expect(late.state.getState().modelId).toBe('bundled:trunk');
  });

  it('is the one that the user chose in this visit, with a warning and an offer', async () => {
    const a = withModels();
    await a.loadModels();
    a.selectModel('bundled:brain');
    await open(a, 'ct.nii');
    const now = a.state.getState();
    expect(now.modelId).toBe('bundled:brain');
    expect(say(chosenWarnings(now)[0])).toContain('ct.nii looks like CT');
    expect(fittingModel(now)?.id).toBe('bundled:trunk');
  });

  it('is judged by the scans that it would take, not by the one that is shown', async () => {
    const a = withModels();
    await a.loadModels();
    a.selectModel('bundled:brain');
    await open(a, 'mr.nii', 'ct.nii');
    expect(chosenWarnings(a.state.getState())).toEqual([]);
    const [mr, ct] = a.study.document.scans.map(({ id }) => id);
    a.showScan(ct);
    expect(chosenWarnings(a.state.getState())).toEqual([]);
    a.assign(0, ct);
    a.showScan(mr);
    expect(chosenWarnings(a.state.getState())[0].code).toBe('modality');
  });
});
