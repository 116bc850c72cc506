/**
 * A report about this computer that can be sent in. Every field is named and picked here, so nothing about a patient gets
 * in: no names of files, no text of a scan or of an own model; a scan is told of by the power of two above its voxels alone.
 */
import { z } from '../models/zod';
import { byId } from '../study/document';
import type { DeviceState } from './device';
import type { ShelfState } from './modelShelf';
import { type ResultsState, shownLabels } from './results';
import type { ScansState } from './scans';

const text = z.string().max(400);
const amount = z.number().nonnegative();
const provider = z.enum(['wgsl', 'hybrid', 'webgpu', 'wasm']);

const adapterSchema = z.strictObject({ vendor: text, architecture: text, device: text, description: text });

export const deviceReportSchema = z.strictObject({
  organscopeDeviceReport: z.literal(1),
  /** Of Organscope. */
  version: text,
  /** As it names itself. */
  browser: text,
  webgpu: z.boolean(),
  adapter: adapterSchema
    .extend({
      software: text.nullable(),
      limits: z.record(z.string().max(60), amount),
      features: z.array(z.string().max(60)).max(40),
    })
    .nullable(),
  lowPowerAdapter: adapterSchema.nullable(),
  logicalProcessors: amount,
  crossOriginIsolated: z.boolean(),
  wasmThreads: amount,
  wasmSimd: z.boolean(),
  deviceMemoryGb: amount.nullable(),
  privateFileSystem: z.boolean(),
  /** What a run would use, and the code of the sentence that says why. */
  chosen: z.strictObject({ provider, reason: z.string().max(60) }).nullable(),
  speeds: z
    .strictObject({
      gflops: amount.nullable(),
      gpuMs: amount.nullable(),
      gpuAtLeast: z.boolean(),
      cpuMs: amount.nullable(),
      uploadGbPerS: amount.nullable(),
      readbackGbPerS: amount.nullable(),
      measuredAt: z.iso.datetime(),
    })
    .nullable(),
  /** Of the models that come with the page. */
  selfTests: z
    .array(
      z.strictObject({
        model: text,
        version: text,
        provider,
        outcome: z.enum(['passed', 'failed', 'no-reference']),
        error: amount.nullable(),
        tolerance: amount.nullable(),
      }),
    )
    .max(50),
  /** The run whose result is shown, by a model that comes with the page; null where there is none. */
  run: z
    .strictObject({
      model: text,
      version: text,
      provider,
      windows: amount,
      seconds: amount,
      /** Without the download; null where nothing was expected. */
      expected: z.strictObject({ least: amount, most: amount, took: amount }).nullable(),
      /** The power of two that the scan's number of voxels does not exceed. */
      voxelsAtMost: amount,
    })
    .nullable(),
});

export type DeviceFile = z.infer<typeof deviceReportSchema>;

type Now = Pick<DeviceState, 'device' | 'selfTests'> &
  Pick<ShelfState, 'models'> &
  Pick<ScansState, 'study'> &
  ResultsState;

const adapterOf = ({ vendor, architecture, device, description }: z.infer<typeof adapterSchema>) => ({
  vendor,
  architecture,
  device,
  description,
});

/** @returns null until this computer was described. @param browser navigator.userAgent */
export function deviceReport(now: Now, version: string, browser: string): DeviceFile | null {
  const { device } = now;
  if (!device) return null;
  const { adapter, lowPowerAdapter, chosen, speeds } = device;
  return deviceReportSchema.parse({
    organscopeDeviceReport: 1,
    version,
    browser: browser.slice(0, 400),
    webgpu: device.webgpu,
    adapter: adapter && {
      ...adapterOf(adapter),
      software: adapter.software,
      limits: adapter.limits,
      features: adapter.features,
    },
    lowPowerAdapter: lowPowerAdapter && adapterOf(lowPowerAdapter),
    logicalProcessors: device.logicalProcessors,
    crossOriginIsolated: device.crossOriginIsolated,
    wasmThreads: device.wasmThreads,
    wasmSimd: device.wasmSimd,
    deviceMemoryGb: device.deviceMemoryGb,
    privateFileSystem: device.privateFileSystem,
    chosen: chosen && { provider: chosen.provider, reason: chosen.reason.code },
    speeds,
    selfTests: now.models.flatMap(({ id, source, manifest }) => {
      const answer = now.selfTests[id];
      if (!answer || source !== 'bundled') return [];
      const { outcome, error, tolerance } = answer;
      const { name: model, version } = manifest;
      return [{ model, version, provider: answer.provider.provider, outcome, error, tolerance }];
    }),
    run: runOf(now),
  });
}

function runOf(now: Now): unknown {
  const labels = shownLabels(now);
  if (labels?.madeFrom.kind !== 'model') return null;
  const { model, run, inputs } = labels.madeFrom;
  const entry = now.models.find(
    ({ source, manifest }) => source === 'bundled' && manifest.weights.sha256 === model.sha256,
  );
  const scan = byId(now.study.scans, inputs[0].scan);
  if (!entry || !scan) return null;
  const voxels = scan.grid.dimsXyz.reduce((product, count) => product * count, 1);
  return {
    model: entry.manifest.name,
    version: entry.manifest.version,
    provider: run.provider,
    windows: run.windows,
    seconds: run.milliseconds / 1000,
    expected: run.expected,
    voxelsAtMost: 2 ** Math.ceil(Math.log2(voxels)),
  };
}

/** Columns of docs/devices.md. */
export const DEVICE_COLUMNS = [
  'adapter',
  'browser',
  'fp16',
  'threads',
  'GFLOP/s',
  'convolution, graphics / processor',
  'chosen',
  'self-tests',
  'a run (predicted)',
  'Organscope',
] as const;

const cell = (value: string) => value.replace(/[|\\`<>[\]\s]+/g, ' ').trim() || '-';
const digits = (value: number | null) => (value === null ? '-' : String(Number(value.toPrecision(3))));

/** A row of docs/devices.md, in Markdown. */
export function deviceRow(file: DeviceFile): string {
  const { adapter, speeds, run, selfTests } = file;
  const name = adapter && ([adapter.vendor, adapter.architecture].filter(Boolean).join(' ') || adapter.description);
  const tests = selfTests.map(({ model, version, outcome }) => `${model} ${version}: ${outcome}`);
  const expected = run?.expected ? ` (${digits(run.expected.least)} to ${digits(run.expected.most)} s)` : '';
  const cells = [
    adapter ? `${name || 'unnamed'}${adapter.software === null ? '' : ' (software)'}` : 'none',
    file.browser,
    adapter?.features.includes('shader-f16') ? 'yes' : 'no',
    `${file.wasmThreads} of ${file.logicalProcessors}`,
    digits(speeds?.gflops ?? null),
    speeds ? `${speeds.gpuAtLeast ? 'at least ' : ''}${digits(speeds.gpuMs)} / ${digits(speeds.cpuMs)} ms` : '-',
    file.chosen?.provider ?? '-',
    tests.join(', '),
    run
      ? `${run.model} ${run.version}, ${run.provider}: ${run.windows} windows, ${digits(run.seconds)} s${expected}`
      : '-',
    file.version,
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** For the clipboard: the row, and the whole file below it. */
export const deviceMarkdown = (file: DeviceFile): string =>
  [
    `| ${DEVICE_COLUMNS.join(' | ')} |`,
    `|${' --- |'.repeat(DEVICE_COLUMNS.length)}`,
    deviceRow(file),
    '',
    '```json',
    JSON.stringify(file, null, 2),
    '```',
    '',
  ].join('\n');
