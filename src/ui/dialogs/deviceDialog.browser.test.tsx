import { expect, it } from 'vitest';
import { render } from 'vitest-browser-react';
import { message } from '../../core/messages';
import type { AdapterReport, DeviceReport, RunPlan } from '../../inference/protocol';
import { app } from '../../testing/testApp';
import { DeviceDialog } from './deviceDialog';

const card: AdapterReport = {
  vendor: 'nvidia',
  architecture: 'ampere',
  device: '',
  description: '',
  isFallbackAdapter: false,
  software: null,
  limits: { maxBufferSize: 4e9, maxStorageBufferBindingSize: 2e9 },
  features: ['shader-f16'],
};
const computer: DeviceReport = {
  webgpu: true,
  adapter: card,
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
const plan = { selfTest: null } as RunPlan;

async function shown(device: DeviceReport) {
  const a = app({ describeDevice: async () => device, planRun: async () => plan });
  await a.loadModels();
  return render(<DeviceDialog app={a} open onClose={() => undefined} />);
}

it('shows a graphics card, with nothing to advise', async () => {
  const screen = await shown(computer);
  await expect.element(screen.getByTestId('device')).toHaveTextContent('nvidia ampere');
  await expect.element(screen.getByTestId('device')).toHaveTextContent('4.0 GB, of which a kernel sees 2.0 GB');
  await expect.element(screen.getByTestId('advice')).toHaveTextContent('Nothing stands out');
  await expect.element(screen.getByRole('table')).toHaveTextContent('Brain');
});

it.each<[string, Partial<DeviceReport>, string]>([
  [
    'software',
    { adapter: { ...card, vendor: 'google', architecture: 'swiftshader', software: 'SwiftShader' } },
    'made of software',
  ],
  ['no adapter', { adapter: null }, 'gives no graphics adapter'],
  ['no WebGPU', { adapter: null, webgpu: false }, 'offers no WebGPU'],
])('says of %s what to do, in every browser, this one first', async (_, change, advice) => {
  const screen = await shown({ ...computer, ...change });
  await expect.element(screen.getByTestId('advice')).toHaveTextContent(advice);
  for (const name of ['Edge', 'Firefox', 'Safari', 'Windows', 'Linux']) {
    await expect.element(screen.getByRole('rowheader', { name, exact: true })).toBeInTheDocument();
  }
});

it('tests a model, and says what was wrong', async () => {
  let tested = false;
  const provider = {
    provider: 'wgsl',
    adapter: message('adapter', { name: 'x' }),
    reason: message('wasm-chosen'),
  } as const;
  const failed = {
    outcome: 'failed',
    provider,
    precision: 'fp32',
    error: 3,
    tolerance: 0.01,
    milliseconds: 1,
    testedAt: '',
  } as const;
  const a = app({
    describeDevice: async () => computer,
    planRun: async () => ({ ...plan, selfTest: tested ? failed : null }),
    selfTest: async () => {
      tested = true;
      return failed;
    },
  });
  await a.loadModels();
  const screen = await render(<DeviceDialog app={a} open onClose={() => undefined} />);
  await expect.element(screen.getByTestId('self-tests')).toHaveTextContent('not yet');
  await screen.getByRole('button', { name: 'Test Brain' }).click();
  await expect.element(screen.getByTestId('self-tests')).toHaveTextContent('failed, off by 3 of 0.01 allowed');
});

it('says why something could not be found out', async () => {
  const a = app({ describeDevice: () => Promise.reject(new Error('the worker is gone')) });
  const screen = await render(<DeviceDialog app={a} open onClose={() => undefined} />);
  await expect.element(screen.getByText(/Not everything about this computer/)).toHaveTextContent('the worker is gone');
});
