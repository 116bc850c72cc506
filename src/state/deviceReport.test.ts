import fc from 'fast-check';
import { expect, it } from 'vitest';
import { message } from '../core/messages';
import type { DeviceReport } from '../inference/protocol';
import { app, model, open } from '../testing/testApp';
import { deviceMarkdown, deviceReport, deviceReportSchema, deviceRow } from './deviceReport';

const device: DeviceReport = {
  webgpu: true,
  adapter: {
    vendor: 'made|up',
    architecture: 'one',
    device: '',
    description: '',
    isFallbackAdapter: false,
    software: null,
    limits: { maxBufferSize: 1 },
    features: ['shader-f16'],
  },
  lowPowerAdapter: null,
  logicalProcessors: 8,
  crossOriginIsolated: true,
  wasmThreads: 4,
  wasmSimd: true,
  deviceMemoryGb: 8,
  privateFileSystem: true,
  chosen: null,
  speeds: null,
};

/** A page on which everything that can carry words of a user carries this one. */
async function pageWith(token: string) {
  const a = app(
    { planRun: () => Promise.reject(new Error(token)), describeDevice: async () => told(token) },
    {
      fetchModels: async () => ({
        models: [{ address: `http://test/${token}/`, manifest: { ...model, title: token } }],
        errors: [],
        isRemembered: false,
      }),
    },
  );
  await a.loadModels();
  await open(a, `${token}/${token}.nii`);
  await a.segment();
  await a.describeDevice();
  return a;
}
const told = (why: string): DeviceReport => ({
  ...device,
  chosen: { provider: 'wasm', adapter: message('adapter', { name: why }), reason: message('wasm-chosen', { why }) },
});

it('has nothing of names and paths in it, nor of what was said about them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[a-z]{4}[0-9]{8}$/), async (token) => {
      const a = await pageWith(token);
      const file = deviceReport(a.state.getState(), '1.0', 'A browser');
      expect(file?.run).toMatchObject({ model: 'brain-mri', voxelsAtMost: 8, windows: 1 });
      expect(file && JSON.stringify(file) + deviceMarkdown(file)).not.toContain(token);
      expect(JSON.stringify(a.state.getState().study)).toContain(token);
    }),
    { numRuns: 25 },
  );
});

it('is refused with anything more in it', async () => {
  const file = deviceReport((await pageWith('x')).state.getState(), '1.0', 'A browser');
  expect(deviceReportSchema.safeParse(file).success).toBe(true);
  expect(deviceReportSchema.safeParse({ ...file, fileName: 'a.nii' }).success).toBe(false);
  expect(deviceReportSchema.safeParse({ ...file, organscopeDeviceReport: 2 }).success).toBe(false);
});

it('is one row of a table, whatever an adapter or a browser calls itself', async () => {
  const file = deviceReport((await pageWith('x')).state.getState(), '1.0', 'A |\n<b>browser</b> [x](y)');
  if (!file) throw new Error('no report');
  const row = deviceRow(file);
  expect(row).toMatch(/^\| made up one \| A b browser /);
  expect(row.split('|')).toHaveLength(12);
});

it('is none before the computer was described', () => {
  expect(deviceReport(app().state.getState(), '1.0', 'A browser')).toBeNull();
});
