import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../core/errors';
import { say } from '../../locales/say';
import { gzip, niftiFile } from '../../testing/niftiFixture';
import { isSingular } from '../../volume/affine';
import type { Volume } from '../../volume/volume';
import { gunzipStream } from '../gunzip';
import { readNifti } from './readNifti';
import { writeLabelNifti } from './writeNifti';

const PLAIN = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

/** Reads bytes that may be anything: the outcome must be a sound volume or an AppError with a sentence. */
async function soundOrRefused(bytes: ArrayBuffer): Promise<Volume | null> {
  try {
    const volume = await readNifti(bytes, 'fuzz.nii');
    const [nx, ny, nz] = volume.dimsXyz;
    expect(volume.data.length).toBe(nx * ny * nz);
    expect(volume.spacingXyz.every((s) => s > 0 && Number.isFinite(s))).toBe(true);
    expect(isSingular(volume.affine)).toBe(false);
    expect(volume.data.every((value) => Number.isFinite(value))).toBe(true);
    return volume;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).not.toBe('nifti-invalid'); // the net under everything: nothing known should fall into it
    expect(say(error)).toMatch(/[.)]$/);
    // what comes out of float arithmetic is rounded before it is shown
    expect(say(error)).not.toMatch(/[1-9]\d*\.\d{6,}|0\.0*[1-9]\d{5,}/);
    return null;
  }
}

const readAnything = async (bytes: ArrayBuffer): Promise<void> => {
  await soundOrRefused(bytes);
};

const base = fc
  .record({
    version: fc.constantFrom(1 as const, 2 as const),
    littleEndian: fc.boolean(),
    datatype: fc.constantFrom(2, 4, 8, 16, 64, 256, 512, 768, 1024, 1280),
    qformCode: fc.constantFrom(0, 1),
    sformCode: fc.constantFrom(0, 1),
  })
  .map((fields) => niftiFile({ ...fields, srows: PLAIN }));

const edits = fc.array(fc.tuple(fc.nat(560), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 0x42)), {
  minLength: 1,
  maxLength: 6,
});

function edited(file: ArrayBuffer, changes: readonly (readonly [number, number])[]): ArrayBuffer {
  const bytes = new Uint8Array(file.slice(0));
  for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
  return bytes.buffer;
}

describe('readNifti never hangs and never throws anything but an AppError', () => {
  it('with bytes of the header changed', async () => {
    await fc.assert(
      fc.asyncProperty(base, edits, (file, changes) => readAnything(edited(file, changes))),
      { numRuns: 1500 },
    );
  }, 60_000);

  it('with bytes of the header changed inside gzip', async () => {
    await fc.assert(
      fc.asyncProperty(base, edits, async (file, changes) => readAnything(await gzip(edited(file, changes)))),
      { numRuns: 300 },
    );
  }, 60_000);

  it('cut off anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(base, fc.nat(600), (file, length) => readAnything(file.slice(0, length))),
      { numRuns: 300 },
    );
  }, 60_000);

  it('with packed bytes changed or cut off', async () => {
    await fc.assert(
      fc.asyncProperty(base, edits, fc.nat(200), async (file, changes, cut) => {
        const packed = edited(
          await gzip(file),
          changes.map(([at, value]) => [at % 120, value] as const),
        );
        await readAnything(packed.slice(0, packed.byteLength - Math.max(0, cut - 100)));
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it('with bytes that mean nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 700 }), (bytes) => readAnything(bytes.slice().buffer)),
      { numRuns: 300 },
    );
  }, 60_000);
});

describe('whatever the header of a scan says', () => {
  it('its mask lies where it lies, and says so in the same numbers', async () => {
    const forms = fc.record({
      version: fc.constantFrom(1 as const, 2 as const),
      littleEndian: fc.boolean(),
      qformCode: fc.integer({ min: -1, max: 5 }),
      sformCode: fc.integer({ min: -1, max: 5 }),
      units: fc.constantFrom(0, 1, 2, 3, 10, 18),
      pixdim: fc.array(fc.constantFrom(-3, -1, 0, 0.5, 1, 2, Number.NaN), { minLength: 8, maxLength: 8 }),
      quaternion: fc.array(fc.double({ min: -0.6, max: 0.6 }), { minLength: 6, maxLength: 6 }),
      srows: fc.array(fc.constantFrom(0, 0, 1, -1, 2.5, -40, Number.NaN), { minLength: 12, maxLength: 12 }),
    });
    let masks = 0;
    await fc.assert(
      fc.asyncProperty(forms, async (fields) => {
        const volume = await soundOrRefused(niftiFile(fields));
        if (!volume) return;
        masks++;
        const { dimsXyz, spacingXyz, affine, forms: kept } = volume;
        const mask = { dimsXyz, spacingXyz, affine, forms: kept, data: new Uint8Array(8) };
        const file = await writeLabelNifti(mask, { labelNames: [] });
        const back = await readNifti(file.buffer, 'mask.nii.gz');
        expect(back.affine).toEqual(volume.affine);
        expect(back.forms).toEqual(volume.forms);
        expect(back.orientationDoubt).toBe(volume.orientationDoubt);
      }),
      { numRuns: 250 },
    );
    expect(masks).toBeGreaterThan(25);
  }, 60_000);

  it('whole slopes and intercepts give exactly value * slope + intercept', async () => {
    const widths = { 2: [0, 255], 4: [-32768, 32767], 256: [-128, 127], 512: [0, 65535] } as const;
    const cases = fc.constantFrom(...(Object.keys(widths) as unknown as (keyof typeof widths)[])).chain((datatype) =>
      fc.record({
        datatype: fc.constant(Number(datatype)),
        littleEndian: fc.boolean(),
        slope: fc.integer({ min: -9, max: 9 }).filter((slope) => slope !== 0),
        intercept: fc.integer({ min: -70_000, max: 70_000 }),
        voxels: fc.array(fc.integer({ min: widths[datatype][0], max: widths[datatype][1] }), {
          minLength: 8,
          maxLength: 8,
        }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ({ voxels, ...fields }) => {
        const { data } = await readNifti(niftiFile({ ...fields, srows: PLAIN }, voxels), 'scan.nii');
        expect([...data]).toEqual(voxels.map((value) => value * fields.slope + fields.intercept));
        expect(data).not.toBeInstanceOf(Float32Array);
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it('gzip in any number of members, with anything behind, unpacks to the same voxels', async () => {
    const voxels = Array.from({ length: 2000 }, (_, i) => (i * 7919) % 251);
    const file = niftiFile({ dimsXyz: [10, 10, 20], datatype: 2, srows: PLAIN }, voxels);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: file.byteLength }), { maxLength: 6 }),
        fc.uint8Array({ maxLength: 40 }).filter(([first]) => first !== 0x1f),
        async (cuts, behind) => {
          const ends = [...cuts.sort((a, b) => a - b), file.byteLength];
          const members = await Promise.all(ends.map((end, i) => gzip(file.slice(i === 0 ? 0 : ends[i - 1], end))));
          const stream = gunzipStream(new Blob([...members, behind as Uint8Array<ArrayBuffer>]).stream() as never);
          expect(Buffer.compare(Buffer.from(await new Response(stream).arrayBuffer()), Buffer.from(file))).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);
});
