import { describe, expect, it } from 'vitest';
import { allAtOnce } from '../../core/steps';
import { pipelineSchema } from '../../models/pipelines';
import { readNpy } from '../../testing/npy';
import { spacingFromAffine } from '../../volume/affine';
import type { Affine, Triple } from '../../volume/grid';
import { windowCount } from '../windows/contract';
import cases from './fixtures/cases.json';
import { plannedRuns } from './plannedRuns';
import { prepare } from './prepare';

describe('plannedRuns', () => {
  it.each(cases)('knows the runs of $name before it is prepared', ({ name, affine, patchDhw, regions, pipeline }) => {
    const { shape, data } = readNpy(new URL(`./fixtures/${name}.scan.npy`, import.meta.url));
    const [channels, nz, ny, nx] = shape;
    const grid = {
      dimsXyz: [nx, ny, nz] as Triple,
      affine: affine as unknown as Affine,
      spacingXyz: spacingFromAffine(affine as unknown as Affine),
    };
    const manifest = {
      labels: [0, 1, 2].map((id) => ({ id, name: `${id}`, color: [0, 0, 0] as [number, number, number] })),
      channels: Array.from({ length: channels }, (_, c) => ({ name: `${c}`, hints: [] })),
      patchDhw: patchDhw as [number, number, number],
      output: regions
        ? ({ activation: 'sigmoid', regionOrder: regions } as const)
        : ({ activation: 'softmax' } as const),
      pipeline: pipelineSchema.parse(pipeline),
    };
    const size = nx * ny * nz;
    // Nothing to crop: without zeros every scheme takes the whole scan.
    const full = data.map((value) => (value === 0 ? 1 : Math.abs(value)));
    const scans = Array.from({ length: channels }, (_, c) => ({
      ...grid,
      ...{ data: full.slice(c * size, (c + 1) * size), name, warnings: [] },
    }));
    const { windows, copies, mirrorsByDefault } = plannedRuns(grid, manifest);
    const runs = (mirror?: boolean) => windowCount(allAtOnce(prepare(scans, manifest, { mirror })).job);
    expect([runs(false), runs(true)]).toEqual([windows, Number(windows) * copies]);
    expect(runs()).toBe(Number(windows) * (mirrorsByDefault ? copies : 1));
  });

  it.each([
    ['a head with little around it', 120, 2 * 2 * 2],
    ['a head in a large field of view', 250, null],
  ])('does not know the runs where a first look decides: %s', (_, size, windows) => {
    const grid = {
      dimsXyz: [size, size, size] as Triple,
      affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] as Affine,
      spacingXyz: [1, 1, 1] as Triple,
    };
    const pipeline = pipelineSchema.parse({
      scheme: 'organscope-v1',
      spacingDhw: [2, 2, 2],
      orientation: 'RAS',
      normalization: { scheme: 'percentile', lower: 0.5, upper: 99.5 },
      tiling: { step: 0.5, sigmaScale: 0.125 },
      firstLook: { coarser: 2, marginMm: 8, leastMl: 300 },
    });
    expect(plannedRuns(grid, { pipeline, patchDhw: [48, 48, 48] }).windows).toBe(windows);
  });
});
