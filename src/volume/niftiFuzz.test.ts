import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors';
import { isSingular } from './affine';
import { readNifti } from './nifti';
import { gzip, niftiFile } from './niftiFixture';

/** Reads bytes that may be anything: the outcome must be a sound volume or an AppError with a sentence. */
async function readAnything(bytes: ArrayBuffer): Promise<void> {
  try {
    const volume = await readNifti(bytes, 'fuzz.nii');
    const [nx, ny, nz] = volume.dimsXyz;
    expect(volume.data.length).toBe(nx * ny * nz);
    expect(volume.spacingXyz.every((s) => s > 0 && Number.isFinite(s))).toBe(true);
    expect(isSingular(volume.affine)).toBe(false);
    expect(volume.data.every((value) => Number.isFinite(value))).toBe(true);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).not.toBe('nifti-invalid'); // the net under everything: nothing known should fall into it
    expect(error.message).toMatch(/[.)]$/);
  }
}

const base = fc
  .record({
    version: fc.constantFrom(1 as const, 2 as const),
    littleEndian: fc.boolean(),
    datatype: fc.constantFrom(2, 4, 8, 16, 64, 256, 512, 768, 1024, 1280),
    qformCode: fc.constantFrom(0, 1),
    sformCode: fc.constantFrom(0, 1),
  })
  .map((fields) => niftiFile({ ...fields, srows: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] }));

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
