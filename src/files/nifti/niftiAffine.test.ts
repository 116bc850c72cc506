import { describe, expect, it } from 'vitest';
import { type AppError, InvalidInputError } from '../../core/errors';
import { say } from '../../locales/say';
import { gunzip, type NiftiFields, niftiFile } from '../../testing/niftiFixture';
import { orientationCode } from '../../volume/affine';
import type { Triple } from '../../volume/grid';
import type { LabelVolume, Volume } from '../../volume/volume';
import { readNifti } from './readNifti';
import { writeLabelNifti } from './writeNifti';

/** The error that reading must end in. */
async function refusal(file: ArrayBuffer): Promise<AppError> {
  const error = await readNifti(file, 'scan.nii').then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(InvalidInputError);
  return error as AppError;
}

const read = (fields: NiftiFields, voxels?: readonly number[]) => readNifti(niftiFile(fields, voxels), 'scan.nii');
const SROWS = [-0.8, 0, 0, 30, 0, 1.1, 0, -40, 0, 0, 2.5, 50];
const matrix = (rows: readonly number[]) => [...rows.map(Math.fround), 0, 0, 0, 1];

describe('which position is believed', () => {
  it('the sform is believed when its code is positive, as in nibabel', async () => {
    const volume = await read({ srows: SROWS, sformCode: 1, qformCode: 2, pixdim: [1, 0.8, 1.1, 2.5] });
    expect([...volume.affine]).toEqual(matrix(SROWS));
    expect(orientationCode(volume.affine)).toBe('LAS');
    expect(volume.spacingXyz[2]).toBe(2.5);
    expect(volume.warnings.length).toBe(1);
    expect(say(volume.warnings[0])).toMatch(/two positions that differ by up to .* mm/);
  });

  it('a damaged offset is said in few digits', async () => {
    const quaternion = [0, 0, 0, 1e30, -40, 50];
    const volume = await read({ srows: SROWS, sformCode: 1, qformCode: 1, quaternion, pixdim: [-1, 0.8, 1.1, 2.5] });
    expect(say(volume.warnings[0])).toMatch(/differ by up to 1e\+30 mm: .* shifted by 1e\+30 mm left-right/);
  });

  it('sform and qform that agree to 0.1 mm raise no warning', async () => {
    const rows = [2, 0, 0, -10.05, 0, 2, 0, -20, 0, 0, 2, -30];
    const volume = await read({
      srows: rows,
      qformCode: 1,
      pixdim: [1, 2, 2, 2],
      quaternion: [0, 0, 0, -10, -20, -30],
    });
    expect(volume.warnings).toEqual([]);
  });

  for (const version of [1, 2] as const) {
    it(`NIfTI-${version}: the qform is used when the sform code is 0, with qfac`, async () => {
      // 90 degrees about z: x runs to A, y to L; qfac -1 turns z to the feet
      const half = Math.SQRT1_2;
      const fields = {
        version,
        qformCode: 1,
        quaternion: [0, 0, half, 5, 6, 7],
        srows: new Array(12).fill(9),
        sformCode: 0,
      };
      const volume = await read({ ...fields, pixdim: [-1, 2, 3, 4] });
      const expected = [0, -3, 0, 5, 2, 0, 0, 6, 0, 0, -4, 7, 0, 0, 0, 1];
      volume.affine.forEach((value, i) => {
        // float32 quaternion
        expect(Math.abs(value - expected[i])).toBeLessThan(2e-6);
      });
      expect(orientationCode(volume.affine)).toBe('ALI');
    });
  }

  it('a quaternion a rounding error longer than 1 is brought back to length 1', async () => {
    const volume = await read({ qformCode: 1, quaternion: [0.70710684, 0.70710684, 0, 1, 2, 3], pixdim: [1, 1, 1, 1] });
    const expected = [0, 1, 0, 1, 1, 0, 0, 2, 0, 0, -1, 3, 0, 0, 0, 1];
    volume.affine.forEach((value, i) => {
      expect(Math.abs(value - expected[i])).toBeLessThan(1e-6);
    });
  });

  it('a quaternion far from a rotation is refused', async () => {
    expect((await refusal(niftiFile({ qformCode: 1, quaternion: [0.9, 0.9, 0, 0, 0, 0] }))).code).toBe('qform-invalid');
    expect((await refusal(niftiFile({ qformCode: 1, quaternion: [Number.NaN, 0, 0, 0, 0, 0] }))).code).toBe(
      'qform-invalid',
    );
  });

  it("with neither form the axes are nibabel's guess: x flipped, origin in the middle, and a warning", async () => {
    const volume = await read({ dimsXyz: [3, 5, 7], pixdim: [1, 3, 2, 1] }, new Array(105).fill(1));
    // the example in nibabel's get_base_affine
    expect([...volume.affine]).toEqual([-3, 0, 0, 3, 0, 2, 0, -4, 0, 0, 1, -3, 0, 0, 0, 1]);
    expect(say(volume.warnings[0])).toMatch(
      /All three axes are a guess: .*left and right, front and back, head and feet/,
    );
    expect(volume.orientationDoubt).toBe('unknown');
  });

  it('spacing that is not positive is refused and named', async () => {
    for (const bad of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const qformCode of [0, 1]) {
        const error = await refusal(niftiFile({ qformCode, pixdim: [1, 0.5, bad, 2] }));
        expect(error.code).toBe('spacing-not-positive');
        expect(say(error)).toContain(`[0.5, ${bad}, 2] mm`);
      }
    }
    expect((await refusal(niftiFile({ srows: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0] }))).code).toBe(
      'spacing-not-positive',
    );
  });

  it('a voxel size of zero beside a sound sform is used as the sform says, and said', async () => {
    const volume = await read({ srows: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0], pixdim: [1, 0, 2, 2] });
    expect(volume.spacingXyz).toEqual([2, 2, 2]);
    expect(volume.warnings.map(say)).toEqual([
      expect.stringMatching(/voxel size of 0 x 2 x 2 mm, its position matrix \(sform\) one of 2 x 2 x 2 mm/),
    ]);
  });

  it('an sform of directions alone, as in ACDC, takes its voxel size from pixdim, and that is said', async () => {
    const rows = [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 5];
    const volume = await read({ srows: rows, sformCode: 2, qformCode: 0, pixdim: [1, 1.5625, 1.5625, 10] });
    expect([...volume.affine]).toEqual([-1.5625, 0, 0, 0, 0, -1.5625, 0, 0, 0, 0, 10, 5, 0, 0, 0, 1]);
    expect(volume.warnings.map(say)).toEqual([
      expect.stringMatching(/directions without voxel sizes.*1.563 x 1.563 x 10 mm/),
    ]);
    // with a size of its own, the sform stands
    expect((await read({ srows: rows.map((v) => v * 2), qformCode: 0, pixdim: [1, 3, 3, 3] })).spacingXyz).toEqual([
      2, 2, 2,
    ]);
  });

  it('an sform of directions alone gives way to a valid qform', async () => {
    const rows = [1, 0, 0, -20, 0, 1, 0, -20, 0, 0, 1, -20];
    const both = { srows: rows, qformCode: 1, pixdim: [1, 3, 3, 3], quaternion: [0, 0, 0, -20, -20, -20] };
    const volume = await read(both);
    expect([...volume.affine]).toEqual([3, 0, 0, -20, 0, 3, 0, -20, 0, 0, 3, -20, 0, 0, 0, 1]);
    expect(volume.warnings.map(say)).toEqual([
      expect.stringMatching(/directions without voxel sizes.*3 x 3 x 3 mm is used/),
    ]);
    expect(volume.orientationDoubt).toBeUndefined();
    // its directions are compared all the same
    const mirrored = await read({ ...both, srows: [-1, 0, 0, 20, ...rows.slice(4)] });
    expect(mirrored.affine[0]).toBe(3);
    expect(say(mirrored.warnings[1])).toMatch(/against the qform, the sform is mirrored left-right/);
    expect(mirrored.orientationDoubt).toBe('disputed');
  });

  it('an sform of zeros, NaN or a zero column gives way to a valid qform, with a notice that names it', async () => {
    const bad: (readonly number[])[] = [
      new Array(12).fill(0),
      new Array(12).fill(Number.NaN),
      [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0],
      [2, 2, 0, 0, 2, 2, 0, 0, 0, 0, 3, 0],
      [2, 0, 0, 0, 0, 2, 0, Number.POSITIVE_INFINITY, 0, 0, 3, 0],
    ];
    for (const srows of bad) {
      const volume = await read({ srows, qformCode: 1, pixdim: [1, 2, 2, 3], quaternion: [0, 0, 0, -20, -24, -24] });
      expect([...volume.affine]).toEqual([2, 0, 0, -20, 0, 2, 0, -24, 0, 0, 3, -24, 0, 0, 0, 1]);
      expect(volume.warnings.map(say)).toEqual([
        expect.stringMatching(/\(sform\) is not valid: matrix rows .*\(qform\) is used/),
      ]);
    }
  });

  it('a qform that is no rotation gives way to the sform', async () => {
    const volume = await read({ srows: SROWS, qformCode: 1, quaternion: [Number.NaN, 0, 0, 0, 0, 0] });
    expect([...volume.affine]).toEqual(matrix(SROWS));
    expect(volume.warnings.map(say)).toEqual([expect.stringMatching(/\(qform\) is not valid/)]);
  });

  it('a negative voxel size counts by its absolute value, as in nibabel', async () => {
    const volume = await read({ qformCode: 1, pixdim: [1, -2, 2, 3], quaternion: [0, 0, 0, -20, -24, -24] });
    expect([...volume.affine]).toEqual([2, 0, 0, -20, 0, 2, 0, -24, 0, 0, 3, -24, 0, 0, 0, 1]);
    expect(volume.warnings.map(say)).toEqual([expect.stringMatching(/negative voxel size \(-2 x 2 x 3 mm\)/)]);
    expect((await read({ pixdim: [1, 2, -2, 3] })).spacingXyz).toEqual([2, 2, 3]);
    expect((await read({ srows: SROWS, pixdim: [1, -0.8, 1.1, 2.5] })).spacingXyz[2]).toBe(2.5);
  });

  it('pixdim[0] is 1 or -1; what else it holds means 1, and a negative number is doubted', async () => {
    for (const qfac of [0, 1, 5, Number.NaN, -3]) {
      const volume = await read({ qformCode: 1, pixdim: [qfac, 2, 2, 3] });
      expect(volume.affine[10]).toBe(3);
      expect(volume.orientationDoubt).toBe(qfac === -3 ? 'disputed' : undefined);
      expect(volume.warnings.length).toBe(qfac === -3 ? 1 : 0);
    }
  });

  it('a flat or non-finite sform is refused', async () => {
    expect((await refusal(niftiFile({ srows: [1, 2, 0, 0, 2, 4, 0, 0, 0, 0, 3, 0] }))).code).toBe('affine-singular');
    expect((await refusal(niftiFile({ srows: [1, 0, 0, Number.NaN, 0, 1, 0, 0, 0, 0, 1, 0] }))).code).toBe(
      'affine-singular',
    );
  });

  it('lengths in micrometres or metres become mm; an absurd unit is taken for a mistake', async () => {
    const micro = await read({ units: 3, srows: [500, 0, 0, 0, 0, 500, 0, 0, 0, 0, 500, 1000] });
    expect(micro.spacingXyz).toEqual([0.5, 0.5, 0.5]);
    expect(micro.affine[11]).toBe(1);
    expect(say(micro.warnings[0])).toMatch(/micrometres/);
    const metres = await read({ units: 1, srows: SROWS });
    expect(metres.spacingXyz[2]).toBe(2.5);
    expect(say(metres.warnings[0])).toMatch(/cannot be/);
  });
});

describe('two positions in one file', () => {
  const DIMS = { dimsXyz: [20, 24, 16] as Triple, qformCode: 1, pixdim: [1, 2, 2, 3] };
  const QFORM = [0, 0, 0, -20, -24, -24];
  const both = (srows: readonly number[], quaternion = QFORM) =>
    read({ ...DIMS, srows, quaternion }, new Array(20 * 24 * 16).fill(1));
  const angle = (6 * Math.PI) / 180;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];

  it('every difference is named with its axis, in mm and degrees', async () => {
    const volume = await both([2 * c, -2 * s, 0, -12, 2 * s, 2 * c, 0, -30, 0, 0, 3, -20]);
    expect(volume.warnings.map(say)).toEqual([
      'The file holds two positions that differ by up to 10.8 mm: against the sform, the qform is turned by 6.0 degrees about the head-feet axis and shifted by 5.5 mm left-right, 4.1 mm front-back and 4.0 mm head-feet. The sform is used, other programs may use the qform.',
    ]);
    // too little to change a letter
    expect(volume.orientationDoubt).toBeUndefined();
  });

  it('a flip is called mirrored, with its axis, and puts the sides in doubt', async () => {
    const flips: [readonly number[], string][] = [
      [[-2, 0, 0, 18, 0, 2, 0, -24, 0, 0, 3, -24], 'mirrored left-right'],
      [[2, 0, 0, -20, 0, -2, 0, 22, 0, 0, 3, -24], 'mirrored front-back'],
      [[2, 0, 0, -20, 0, 2, 0, -24, 0, 0, -3, 21], 'mirrored head-feet'],
    ];
    for (const [srows, words] of flips) {
      const { warnings, orientationDoubt } = await both(srows);
      expect(warnings.map(say)).toEqual([expect.stringContaining(words)]);
      expect(say(warnings[0])).not.toMatch(/degrees/);
      expect(orientationDoubt).toBe('disputed');
    }
    const turned = await both([-2 * c, -2 * s, 0, 18, -2 * s, 2 * c, 0, -24, 0, 0, 3, -24]);
    expect(say(turned.warnings[0])).toMatch(/mirrored left-right, turned by 6.0 degrees about the head-feet axis/);
  });

  it('a half turn has an axis too', async () => {
    const { warnings, orientationDoubt } = await both([-2, 0, 0, 18, 0, -2, 0, 22, 0, 0, 3, -24]);
    expect(say(warnings[0])).toMatch(/turned by 180.0 degrees about the head-feet axis/);
    expect(orientationDoubt).toBe('disputed');
  });

  it('another voxel size does not hide a flip', async () => {
    const { warnings, orientationDoubt } = await both([-1.5, 0, 0, 18, 0, 2, 0, -24, 0, 0, 3, -24]);
    expect(warnings.map(say)).toEqual([
      expect.stringMatching(/voxel size of 2 x 2 x 3 mm, its position matrix \(sform\) one of 1.5 x 2 x 3 mm/),
      expect.stringMatching(/mirrored left-right, of other voxel size \(2 x 2 x 3 instead of 1.5 x 2 x 3 mm\)/),
    ]);
    expect(orientationDoubt).toBe('disputed');
  });

  it('a sheared scan is called so, with the angle', async () => {
    const sheared = [2, 0, 0, -20, 0, 2, 0.9748, -24, 0, 0, 3, -24];
    const alone = await read({ srows: sheared });
    expect(alone.warnings.map(say)).toEqual([expect.stringMatching(/sheared: its y and z axes are 18.0 degrees off/)]);
    expect((await both(sheared)).warnings.map(say)).toContainEqual(expect.stringMatching(/sheared: its y and z axes/));
  });
});

describe('voxel sizes that cannot be are refused before anything is allocated', () => {
  const sized = (mm: number) => [mm, 0, 0, -20, 0, mm, 0, -24, 0, 0, mm, -24];
  for (const mm of [0.001, 0.002, 100, 1000, 1e30, 1e-30]) {
    it(`${mm} mm`, async () => {
      const claimed = { dimsXyz: [1000, 1000, 1000] as Triple, srows: sized(mm) };
      for (const fields of [claimed, { ...claimed, sformCode: 0, qformCode: 1 }, { ...claimed, sformCode: 0 }]) {
        const error = await refusal(niftiFile(fields));
        expect(error.code).toBe(mm < 1 ? 'spacing-too-small' : 'spacing-too-large');
        expect(say(error)).toContain(`The voxel size, ${mm} mm, is surely wrong`);
      }
    });
  }

  it('0.02 mm and 40 mm are read', async () => {
    for (const mm of [0.02, 40]) expect((await read({ srows: sized(mm) })).spacingXyz[0]).toBeCloseTo(mm, 6);
  });

  it('a scan of hundreds of metres', async () => {
    const error = await refusal(niftiFile({ dimsXyz: [20000, 2, 2], srows: sized(20) }));
    expect(say(error)).toMatch(/20 mm, is surely wrong: 20000 voxels of it make 400 m/);
  });
});

describe('a mask carries the geometry of its scan', () => {
  const labelNames = [{ id: 0, name: 'background', color: [0, 0, 0] as const }];
  const maskOf = async ({ dimsXyz, spacingXyz, affine, forms }: Volume) => {
    const labels: LabelVolume = { dimsXyz, spacingXyz, affine, forms, data: new Uint8Array(8) };
    return gunzip(await writeLabelNifti(labels, { labelNames }));
  };
  const scans: Record<string, NiftiFields> = {
    'forms that differ': {
      ...{ srows: SROWS, sformCode: 4, qformCode: 1 },
      ...{ pixdim: [-1, 0.8, 1.1, 2.5, 2.2, 1, 1, 1], quaternion: [0.1, 0.2, 0.3, 5, 6, 7] },
    },
    'no form': { pixdim: [1, 2, 2, 3], units: 0 },
    'no form, but numbers in both': { srows: SROWS, sformCode: 0, qformCode: 0, quaternion: [0.1, 0.2, 0.3, 5, 6, 7] },
    'an sform of zeros': { srows: new Array(12).fill(0), sformCode: 1, qformCode: 3, pixdim: [1, 2, 2, 3] },
    shear: { srows: [2, 0, 0, -20, 0, 2, 1, -24, 0, 0, 3, -24], qformCode: 1, pixdim: [1, 2, 2, 3] },
    'negative sizes': { qformCode: 2, pixdim: [-1, -2, 2, 3] },
    'metres and seconds': { srows: SROWS.map((v) => v / 1000), units: 1 + 8 },
  };
  for (const [title, fields] of Object.entries(scans)) {
    it(`${title}: pixdim, units, both forms and codes, as read`, async () => {
      for (const version of [1, 2] as const) {
        for (const littleEndian of [true, false]) {
          const scan = niftiFile({ ...fields, version, littleEndian });
          const volume = await readNifti(scan, 'scan.nii');
          const mask = await maskOf(volume);
          const [from, to] = [new DataView(scan), new DataView(mask)];
          const real = (view: DataView, at: number, le: boolean) =>
            version === 1 ? view.getFloat32(at, le) : view.getFloat64(at, le);
          const width = version === 1 ? 4 : 8;
          const at = version === 1 ? [76, 256, 280] : [104, 352, 400];
          for (const [i, count] of [8, 6, 12].entries()) {
            for (let k = 0; k < count; k++) {
              expect(real(to, at[i] + k * width, true)).toBe(real(from, at[i] + k * width, littleEndian));
            }
          }
          const code = (view: DataView, v1: number, v2: number, le: boolean) =>
            version === 1 ? view.getInt16(v1, le) : view.getInt32(v2, le);
          for (const [v1, v2] of [
            [252, 344],
            [254, 348],
          ]) {
            expect(code(to, v1, v2, true)).toBe(code(from, v1, v2, littleEndian));
          }
          const back = await readNifti(mask, 'mask.nii');
          expect(back.affine).toEqual(volume.affine);
          expect(back.orientationDoubt).toBe(volume.orientationDoubt);
          expect(back.data).toEqual(new Uint8Array(8));
          expect(back.forms).toEqual(volume.forms);
        }
      }
    });
  }
});
