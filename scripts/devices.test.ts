import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DEVICE_COLUMNS } from '../src/state/deviceReport';
import { withDevice } from './devices';

const document = readFileSync(new URL('../docs/devices.md', import.meta.url), 'utf8');
const report = {
  organscopeDeviceReport: 1,
  version: '9',
  browser: 'Made up',
  webgpu: false,
  adapter: null,
  lowPowerAdapter: null,
  logicalProcessors: 4,
  crossOriginIsolated: true,
  wasmThreads: 4,
  wasmSimd: true,
  deviceMemoryGb: null,
  privateFileSystem: true,
  chosen: null,
  speeds: null,
  selfTests: [],
  run: null,
};

it('a report that was sent in becomes a row of the document, once', () => {
  expect(document).toContain(`| ${DEVICE_COLUMNS.join(' | ')} |`);
  const longer = withDevice(document, JSON.stringify(report));
  expect(longer.trimEnd().split('\n').at(-1)).toBe('| none | Made up | no | 4 of 4 | - | - | - | - | - | 9 |');
  expect(() => withDevice(longer, JSON.stringify(report))).toThrow(/already/);
  expect(() => withDevice(document, JSON.stringify({ ...report, patient: 'x' }))).toThrow();
});
