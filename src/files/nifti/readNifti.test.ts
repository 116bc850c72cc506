import { describe, expect, it } from 'vitest';
import { type AppError, InvalidInputError } from '../../core/errors';
import { say } from '../../locales/say';
import { gzip, type NiftiFields, niftiFile } from '../../testing/niftiFixture';
import { readNifti } from './readNifti';

/** The error that reading must end in. */
async function refusal(file: ArrayBuffer | Uint8Array<ArrayBuffer>, name = 'scan.nii.gz'): Promise<AppError> {
  const error = await readNifti(new Blob([file]), name).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(InvalidInputError);
  return error as AppError;
}

const read = (fields: NiftiFields, voxels?: readonly number[]) => readNifti(niftiFile(fields, voxels), 'scan.nii');
const bytesOf = (text: string, length = 400) => {
  const bytes = new Uint8Array(length);
  [...text].forEach((c, i) => {
    bytes[i] = c.charCodeAt(0);
  });
  return bytes;
};
const SROWS = [-0.8, 0, 0, 30, 0, 1.1, 0, -40, 0, 0, 2.5, 50];

describe('voxels', () => {
  const types = {
    2: 'Uint8',
    4: 'Int16',
    8: 'Int32',
    16: 'Float32',
    64: 'Float64',
    256: 'Int8',
    512: 'Uint16',
    768: 'Uint32',
    1024: 'Float64',
    1280: 'Float64',
  };
  for (const [code, type] of Object.entries(types)) {
    it(`datatype ${code} becomes ${type}Array in both byte orders and both versions`, async () => {
      const voxels = [0, 1, 2, 100, 101, 126, 127, 5];
      for (const littleEndian of [true, false]) {
        for (const version of [1, 2] as const) {
          const volume = await read({ datatype: Number(code), littleEndian, version, srows: SROWS }, voxels);
          expect(volume.data.constructor.name).toBe(`${type}Array`);
          expect([...volume.data]).toEqual(voxels);
          expect(volume.warnings).toEqual([]);
        }
      }
    });
  }

  it('negative and large numbers survive 64-bit integers and byte swapping', async () => {
    const voxels = [-1, -1024, 2 ** 40, -(2 ** 52), 0, 1, 2, 3];
    expect([...(await read({ datatype: 1024, littleEndian: false }, voxels)).data]).toEqual(voxels);
  });

  it('slope and intercept are applied once, as float32 where they are not whole', async () => {
    for (const datatype of [2, 4, 8, 16, 64, 1024]) {
      const { data } = await read({ datatype, slope: 0.5, intercept: -1.25 }, [0, 1, 2, 3, 4, 5, 6, 100]);
      expect(data, String(datatype)).toEqual(Float32Array.from([-1.25, -0.75, -0.25, 0.25, 0.75, 1.25, 1.75, 48.75]));
    }
  });

  it("a whole slope and intercept leave integers, in the file's width where they fit", async () => {
    const cases: [number, number, number, readonly number[], string][] = [
      [512, 1, -1024, [0, 1, 2, 3, 4, 5, 6, 4095], 'Int16Array'],
      [512, 1, -1024, [1024, 1, 2, 3, 4, 5, 6, 33791], 'Int16Array'],
      [512, 1, -1024, [0, 1, 2, 3, 4, 5, 6, 33792], 'Int32Array'],
      [512, 1, -1024, [1024, 2000, 2000, 3000, 4000, 5000, 6000, 65535], 'Uint16Array'],
      [4, 2, -1024, [0, 1, 2, 3, 4, 5, 6, 512], 'Int16Array'],
      [4, -1, 0, [0, -1, -2, -3, -4, -5, -6, -32768], 'Uint16Array'],
      [4, -1, 0, [1, 1, 2, 3, 4, 5, 6, -32768], 'Int32Array'],
      [2, 1, -128, [0, 1, 2, 3, 4, 5, 6, 255], 'Int8Array'],
      [2, 1, -1024, [0, 1, 2, 3, 4, 5, 6, 255], 'Int16Array'],
      [256, 1, 128, [-128, 1, 2, 3, 4, 5, 6, 127], 'Uint8Array'],
      [8, 1, 1, [0, 1, 2, 3, 4, 5, 6, 2 ** 31 - 1], 'Uint32Array'],
      [768, 1, -1024, [0, 1, 2, 3, 4, 5, 6, 2 ** 31], 'Int32Array'],
      [8, 4, 0, [0, 1, 2, 3, 4, 5, -(2 ** 29), 2 ** 30], 'Float32Array'],
      [16, 1, -1024, [0, 1, 2, 3, 4, 5, 6, 4095], 'Float32Array'],
    ];
    for (const [datatype, slope, intercept, voxels, type] of cases) {
      for (const littleEndian of [true, false]) {
        const { data } = await read({ datatype, slope, intercept, littleEndian }, voxels);
        expect(data.constructor.name, `${datatype} ${slope} ${intercept}`).toBe(type);
        expect([...data]).toEqual(voxels.map((value) => value * slope + intercept));
      }
    }
  });

  it('a slope of 0 or NaN means no scaling, whatever the intercept', async () => {
    for (const slope of [0, Number.NaN]) {
      const { data } = await read({ slope, intercept: 5 }, [1, 2, 3, 4, 5, 6, 7, 8]);
      expect(data).toEqual(Int16Array.from([1, 2, 3, 4, 5, 6, 7, 8]));
    }
  });

  it('NaN and infinities become the background, with a warning that counts them', async () => {
    const { data, warnings } = await read({ datatype: 16, srows: SROWS }, [
      Number.NaN,
      2,
      -3,
      Number.POSITIVE_INFINITY,
      5,
      6,
      7,
      Number.NEGATIVE_INFINITY,
    ]);
    expect([...data]).toEqual([-3, 2, -3, -3, 5, 6, 7, -3]);
    expect(warnings.map(say)).toEqual(['3 voxels were NaN or infinite; they are taken as background, -3.']);
  });

  it('a volume of NaN only is refused', async () => {
    const error = await refusal(niftiFile({ datatype: 16 }, new Array(8).fill(Number.NaN)));
    expect(error.code).toBe('no-finite-voxels');
  });

  it('the first of several frames is read, with a warning that names the number', async () => {
    const frames = await read(
      { dim: [4, 2, 2, 2, 3, 1, 1, 1], srows: SROWS },
      Array.from({ length: 24 }, (_, i) => i),
    );
    expect([...frames.data]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(frames.warnings.map(say)).toEqual(['The file holds 3 volumes; only the first one is used.']);
    const one = await read({ dim: [4, 2, 2, 2, 1, 1, 1, 1], srows: SROWS });
    expect(one.warnings).toEqual([]);
  });

  it('sizes beyond the stated rank are ignored', async () => {
    expect((await read({ dim: [3, 2, 2, 2, 0, -4, 900, 0], srows: SROWS })).warnings).toEqual([]);
  });

  it('a fourth dimension of 0 means that there is none', async () => {
    for (const dim of [
      [4, 2, 2, 2, 0, 0, 0, 0],
      [5, 2, 2, 2, 1, 0, 0, 0],
      [7, 2, 2, 2, 0, 1, 0, 1],
    ]) {
      const volume = await read({ dim, srows: SROWS });
      expect(volume.dimsXyz).toEqual([2, 2, 2]);
      expect(volume.warnings).toEqual([]);
    }
    expect(
      (await read({ dim: [5, 2, 2, 2, 0, 3, 1, 1], srows: SROWS }, new Array(24).fill(1))).warnings.map(say),
    ).toEqual(['The file holds 3 volumes; only the first one is used.']);
  });

  it('header extensions are passed over, even one with an impossible size', async () => {
    for (const version of [1, 2] as const) {
      const file = niftiFile({ version, voxOffset: 640 });
      const view = new DataView(file);
      const at = version === 1 ? 348 : 540;
      view.setUint8(at, 1);
      view.setInt32(at + 4, -16, true);
      expect([...(await readNifti(file, 'scan.nii')).data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    }
  });

  it('gzip is told by content: names do not matter', async () => {
    const packed = await gzip(niftiFile());
    expect([...(await readNifti(packed, 'scan.nii')).data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...(await readNifti(niftiFile(), 'scan.nii.gz')).data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('complex, colour and unknown voxels are refused by name', async () => {
    const words: Record<number, RegExp> = {
      32: /complex64/,
      128: /RGB24/,
      2304: /RGBA32/,
      1536: /float128/,
      1: /binary/,
      77: /NIfTI type 77/,
    };
    for (const [datatype, word] of Object.entries(words)) {
      const error = await refusal(niftiFile({ datatype: Number(datatype) }));
      expect(error.code).toBe('datatype-unsupported');
      expect(say(error)).toMatch(word);
    }
  });
});

describe('files that are no usable volume', () => {
  it('an empty file is called empty', async () => {
    expect((await refusal(new ArrayBuffer(0))).code).toBe('file-empty');
    expect((await refusal(await gzip(new ArrayBuffer(0)))).code).toBe('file-empty');
  });

  it('other formats are called what they are', async () => {
    const dicom = bytesOf('');
    dicom.set(bytesOf('DICM', 4), 128);
    const mgh = new Uint8Array(300);
    [1, 20, 24, 16, 1, 4].forEach((n, i) => {
      new DataView(mgh.buffer).setInt32(4 * i, n);
    });
    // 348 in the preamble, where a NIfTI or Analyze header has its size
    const analyzeLikeDicom = dicom.slice();
    new DataView(analyzeLikeDicom.buffer).setInt32(0, 348, true);
    const kinds: [Uint8Array<ArrayBuffer>, RegExp][] = [
      [bytesOf('\xff\xd8\xff\xe0'), /This is a JPEG picture, not a NIfTI volume/],
      [bytesOf('\x89PNG\r\n'), /This is a PNG picture/],
      [bytesOf('PK\x03\x04'), /This is a zip archive.*Unpack it/],
      [bytesOf('<!DOCTYPE html>'), /This is a web page/],
      [bytesOf('CDF\x01'), /This is a MINC.*mnc2nii/],
      [bytesOf('\x89HDF\r\n'), /This is a MINC/],
      [bytesOf('# === DATA DESCRIPTION FILE ==='), /Philips PAR\/REC pair.*dcm2niix/],
      [bytesOf('ObjectType = Image\n'), /This is a MetaImage volume/],
      [bytesOf('NDims = 3\nDimSize = 20 24 16\n'), /This is a MetaImage volume/],
      [bytesOf('Comment = x\nNDims = 3\n'), /This is a MetaImage volume/],
      [bytesOf('\x08\0\x05\0CS'), /This is a DICOM file/],
      [mgh, /This is a FreeSurfer volume.*mri_convert/],
      [analyzeLikeDicom, /This is a DICOM file/],
      [bytesOf('NRRD0005'), /This is an NRRD volume/],
      [dicom, /This is a DICOM file.*dcm2niix/],
    ];
    for (const [bytes, words] of kinds) {
      expect(say(await refusal(bytes))).toMatch(words);
      expect(say(await refusal(await gzip(bytes)))).toMatch(words);
      expect((await refusal(bytes)).code).toBe('not-nifti');
    }
    const named = {
      'a.img': /drop the \.hdr and the \.img together/,
      'a.REC': /Philips/,
      'a.raw': /header/,
      'a.HEAD': /AFNI/,
    };
    for (const [name, words] of Object.entries(named)) expect(say(await refusal(bytesOf('?'), name))).toMatch(words);
    expect(say(await refusal(bytesOf('hello')))).toMatch(/not a NIfTI volume: its first bytes/);
    expect((await refusal(bytesOf('x', 1))).code).toBe('no-nifti-header');
  });

  it('an Analyze header and one half of a pair are told apart', async () => {
    expect(say(await refusal(niftiFile({ magic: '\0\0\0\0' })))).toMatch(/Analyze 7\.5/);
    for (const version of [1, 2] as const) {
      const error = await refusal(
        niftiFile({ version, magic: version === 1 ? 'ni1\0' : 'ni2\0\r\n\x1a\n' }),
        'brain.hdr',
      );
      expect(error.code).toBe('nifti-pair');
      expect(say(error)).toMatch(/brain\.hdr is the header of a \.hdr\/\.img pair.*together with the \.img/);
    }
  });

  it('a header cut off anywhere is truncated, not unknown', async () => {
    for (const version of [1, 2] as const) {
      for (const length of [4, 100, 300, 347, 350]) {
        const { code } = await refusal(niftiFile({ version }).slice(0, length));
        expect(code).toBe(version === 1 && length >= 348 ? 'voxels-truncated' : 'header-truncated');
      }
    }
  });

  it('missing voxels are counted in MB, packed or not', async () => {
    const whole = niftiFile({ dimsXyz: [100, 100, 60] }, new Array(1000).fill(3));
    const plain = await refusal(whole);
    expect(plain.code).toBe('voxels-truncated');
    expect(say(plain)).toMatch(/100 x 100 x 60 voxels of int16 need 1\.2 MB, the file has 0\.0020 MB/);
    expect((await refusal(await gzip(whole))).code).toBe('voxels-truncated');
  });

  it('sizes that would read alike are given in bytes', async () => {
    const error = await refusal(niftiFile({ dimsXyz: [20, 24, 16] }, new Array(7680).fill(3)).slice(0, -1));
    expect(say(error)).toMatch(/20 x 24 x 16 voxels of int16 need 15360 bytes, the file has 15359 bytes/);
  });

  it('more than a page can hold is refused before anything is allocated', async () => {
    const large: [NiftiFields, string][] = [
      [{ dimsXyz: [1024, 1024, 1024] }, '2.15 GB'],
      [{ dimsXyz: [1024, 1024, 513], datatype: 512, slope: 1.5 }, '2.15 GB'],
      [{ dimsXyz: [1024, 1024, 512], datatype: 64 }, '4.29 GB'],
    ];
    for (const [fields, size] of large) {
      const error = await refusal(niftiFile(fields));
      expect(error.code).toBe('volume-too-large-for-page');
      expect(say(error)).toContain(`${size} in memory; a page can use at most 2.14 GB`);
    }
    // integers stay as narrow as they are
    const { code } = await refusal(
      niftiFile({ dimsXyz: [1024, 1024, 520], datatype: 512, slope: 1, intercept: -1024 }),
    );
    expect(code).toBe('voxels-truncated');
  });

  it('damaged gzip is refused: cut off, garbled, or with a wrong checksum', async () => {
    const packed = new Uint8Array(
      await gzip(
        niftiFile(
          { dimsXyz: [20, 20, 20] },
          Array.from({ length: 8000 }, (_, i) => (i * 7919) % 30011),
        ),
      ),
    );
    const garbled = packed.slice();
    garbled.fill(0xaa, packed.length >> 1, (packed.length >> 1) + 50);
    const checksum = packed.slice();
    checksum[packed.length - 8] ^= 1;
    for (const bad of [
      packed.slice(0, packed.length >> 1),
      packed.slice(0, packed.length - 4),
      packed.slice(0, 12),
      garbled,
      checksum,
    ]) {
      expect((await refusal(bad)).code).toBe('gzip-damaged');
    }
  });

  it('flat, impossible and enormous sizes are refused and named', async () => {
    const codes: [readonly number[], string, RegExp][] = [
      [[2, 64, 64, 1, 1, 1, 1, 1], 'not-3d', /64 x 64 x 1 voxels/],
      [[3, 64, 64, 1, 1, 1, 1, 1], 'not-3d', /64 x 64 x 1 voxels/],
      [[1, 64, 0, 0, 0, 0, 0, 0], 'not-3d', /64 x 1 x 1/],
      [[3, 2, 0, 2, 1, 1, 1, 1], 'dims-invalid', /2 x 0 x 2/],
      [[3, 2, -7, 2, 1, 1, 1, 1], 'dims-invalid', /2 x -7 x 2/],
      [[0, 2, 2, 2, 1, 1, 1, 1], 'rank-invalid', /0 dimensions/],
      [[900, 2, 2, 2, 1, 1, 1, 1], 'rank-invalid', /900 dimensions/],
      [[3, 32767, 32767, 32767, 1, 1, 1, 1], 'too-many-voxels', /32767 x 32767 x 32767/],
    ];
    for (const [dim, code, words] of codes) {
      const error = await refusal(niftiFile({ dim }));
      expect(error.code).toBe(code);
      expect(say(error)).toMatch(words);
    }
  });

  it('a voxel offset inside the header is refused; 0 means right after it', async () => {
    const file = niftiFile();
    for (const offset of [-352, 100, Number.NaN, Number.POSITIVE_INFINITY]) {
      new DataView(file).setFloat32(108, offset, true);
      expect((await refusal(file)).code).toBe('vox-offset-invalid');
    }
    new DataView(file).setFloat32(108, 0, true);
    expect([...(await readNifti(file, 'scan.nii')).data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    new DataView(file).setFloat32(108, 1e30, true);
    expect((await refusal(file)).code).toMatch(/vox-offset-invalid|voxels-truncated/);
  });
});
