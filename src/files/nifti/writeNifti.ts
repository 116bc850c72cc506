/** A label volume as .nii.gz: NIfTI-1, uint8, on the scan's own grid, with names and colours inside. */
import { InvalidInputError } from '../../core/errors';
import type { Triple } from '../../volume/grid';
import type { LabelName, LabelVolume, NiftiForms } from '../../volume/volume';
import { formsOf } from './formsOf';

export interface WriteOptions {
  readonly labelNames: readonly LabelName[];
  /** At most 79 ASCII characters are kept. */
  readonly description?: string;
}

/** Where the fields lie, by version of NIfTI; 4 bytes after the header say whether extensions follow. */
const LAYOUT = {
  1: {
    ...{ bytes: 348, magic: 344, dim: 40, intent: 68, datatype: 70, bitpix: 72, pixdim: 76, voxOffset: 108 },
    ...{ slope: 112, units: 123, description: 148, qformCode: 252, sformCode: 254, quaternion: 256, srows: 280 },
  },
  2: {
    ...{ bytes: 540, magic: 4, dim: 16, intent: 504, datatype: 12, bitpix: 14, pixdim: 104, voxOffset: 168 },
    ...{ slope: 176, units: 500, description: 240, qformCode: 344, sformCode: 348, quaternion: 352, srows: 400 },
  },
} as const;
const INTENT_LABEL = 1002;
const LARGEST_DIMENSION = 32767;
const DESCRIPTION_BYTES = 80;

/**
 * Writes labels so that ITK-SNAP, 3D Slicer and nibabel find them on the scan, voxel for voxel: the header says of their
 * place what the scan's header says, number by number, in the same version of NIfTI.
 * @throws InvalidInputError('dimension-too-large') beyond what NIfTI-1 can say
 */
export async function writeLabelNifti(labels: LabelVolume, options: WriteOptions): Promise<Uint8Array<ArrayBuffer>> {
  const forms = labels.forms ?? formsOf(labels.affine);
  if (forms.version === 1 && labels.dimsXyz.some((n) => n > LARGEST_DIMENSION)) {
    const size = labels.dimsXyz.join(' x ');
    throw new InvalidInputError('dimension-too-large', { largest: String(LARGEST_DIMENSION), size });
  }
  const extension = labelTable(options.labelNames);
  const { bytes } = LAYOUT[forms.version];
  const head = new Uint8Array(bytes + 4 + extension.length);
  head.set(header(labels.dimsXyz, forms, options, head.length));
  head[bytes] = 1; // extensions follow
  head.set(extension, bytes + 4);
  const packed = streamOf(head, labels.data).pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

const PIECE_BYTES = 1 << 20;

/** Copies piece by piece: the labels may lie in memory that threads share, which no stream and no Blob takes. */
function streamOf(head: Uint8Array<ArrayBuffer>, labels: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    start: (controller) => controller.enqueue(head),
    pull(controller) {
      if (at >= labels.length) return controller.close();
      controller.enqueue(labels.slice(at, at + PIECE_BYTES));
      at += PIECE_BYTES;
    },
  });
}

function header(
  dimsXyz: Triple,
  forms: NiftiForms,
  { description = 'Organscope labels' }: WriteOptions,
  voxOffset: number,
): Uint8Array {
  const isNifti1 = forms.version === 1;
  const at = LAYOUT[forms.version];
  const view = new DataView(new ArrayBuffer(at.bytes));
  const floats = (offset: number, values: readonly number[]) =>
    values.forEach((value, i) => {
      if (isNifti1) view.setFloat32(offset + 4 * i, value, true);
      else view.setFloat64(offset + 8 * i, value, true);
    });
  /** 16 bits in NIfTI-1, 32 in NIfTI-2. */
  const code = (offset: number, value: number) =>
    isNifti1 ? view.setInt16(offset, value, true) : view.setInt32(offset, value, true);
  const text = (offset: number, value: string, most: number) =>
    [...value].slice(0, most).forEach((c, i) => {
      view.setUint8(offset + i, c <= '~' ? c.charCodeAt(0) : 63);
    });

  view.setInt32(0, at.bytes, true); // sizeof_hdr
  [3, ...dimsXyz, 1, 1, 1, 1].forEach((n, i) => {
    if (isNifti1) view.setInt16(at.dim + 2 * i, n, true);
    else view.setBigInt64(at.dim + 8 * i, BigInt(n), true);
  });
  code(at.intent, INTENT_LABEL);
  view.setInt16(at.datatype, 2, true); // uint8
  view.setInt16(at.bitpix, 8, true);
  floats(at.pixdim, forms.pixdim);
  if (isNifti1) view.setFloat32(at.voxOffset, voxOffset, true);
  else view.setBigInt64(at.voxOffset, BigInt(voxOffset), true);
  floats(at.slope, [1, 0]); // scl_slope, scl_inter
  if (isNifti1) view.setUint8(at.units, forms.units);
  else view.setInt32(at.units, forms.units, true);
  text(at.description, description, DESCRIPTION_BYTES - 1);
  code(at.qformCode, forms.qformCode);
  code(at.sformCode, forms.sformCode);
  floats(at.quaternion, forms.quaternion);
  floats(at.srows, forms.srows);
  text(at.magic, isNifti1 ? 'n+1' : 'n+2\0\r\n\x1a\n', 8);
  return new Uint8Array(view.buffer);
}

/**
 * Names and colours as a Caret XML label table in a header extension with code 0: esize, ecode, text, zeros up to a
 * multiple of 16. Programs that do not know it pass over it.
 */
function labelTable(labelNames: readonly LabelName[]): Uint8Array {
  const unit = (channel: number) => (channel / 255).toFixed(6);
  const rows = labelNames.map(({ id, name, color: [r, g, b] }) => {
    const text = name.replaceAll(']]>', ']]]]><![CDATA[>');
    return `<Label Key="${id}" Red="${unit(r)}" Green="${unit(g)}" Blue="${unit(b)}" Alpha="${id === 0 ? 0 : 1}"><![CDATA[${text}]]></Label>`;
  });
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<CaretExtension>
<VolumeInformation Index="0">
<LabelTable>
${rows.join('\n')}
</LabelTable>
<StudyMetaDataLinkSet></StudyMetaDataLinkSet>
<VolumeType><![CDATA[Label]]></VolumeType>
</VolumeInformation>
</CaretExtension>
`;
  const text = new TextEncoder().encode(xml);
  const size = Math.ceil((8 + text.length) / 16) * 16;
  const extension = new Uint8Array(size);
  const view = new DataView(extension.buffer);
  view.setInt32(0, size, true);
  view.setInt32(4, 0, true);
  extension.set(text, 8);
  return extension;
}
