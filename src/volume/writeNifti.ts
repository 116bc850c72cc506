/** A label volume as .nii.gz: NIfTI-1, uint8, on the scan's own grid, with names and colours inside. */
import { InvalidInputError } from '../errors';
import { closestRotation, determinant } from './affine';
import type { Affine, LabelVolume, Triple } from './volume';

export interface LabelName {
  readonly id: number;
  readonly name: string;
  /** sRGB, 0..255. */
  readonly color: Triple;
}

export interface WriteOptions {
  readonly labelNames: readonly LabelName[];
  /** At most 79 ASCII characters are kept. */
  readonly description?: string;
  /** What the world is: 1 scanner (default), 2 aligned, 3 Talairach, 4 MNI. */
  readonly worldCode?: number;
}

const HEADER = 348;
/** Header and the four bytes that say whether extensions follow. */
const HEADER_AND_FLAG = 352;
const INTENT_LABEL = 1002;
const LARGEST_DIMENSION = 32767;

/**
 * Writes labels so that ITK-SNAP, 3D Slicer and nibabel find them on the scan, voxel for voxel.
 * The affine goes into the sform exactly (as float32), and into the qform too unless it has shear.
 * @throws InvalidInputError('dimension-too-large') beyond what NIfTI-1 can say
 */
export async function writeLabelNifti(labels: LabelVolume, options: WriteOptions): Promise<Uint8Array<ArrayBuffer>> {
  if (labels.dimsXyz.some((n) => n > LARGEST_DIMENSION)) {
    throw new InvalidInputError(
      'dimension-too-large',
      `NIfTI-1 holds at most ${LARGEST_DIMENSION} voxels per axis, the labels have ${labels.dimsXyz.join(' x ')}. Crop the scan first.`,
    );
  }
  const extension = labelTable(options.labelNames);
  const head = new Uint8Array(HEADER_AND_FLAG + extension.length);
  head.set(header(labels, options, head.length));
  head[HEADER] = 1; // extensions follow
  head.set(extension, HEADER_AND_FLAG);
  const packed = new Blob([head, labels.data as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

function header(labels: LabelVolume, options: WriteOptions, voxOffset: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(HEADER));
  const floats = (offset: number, values: readonly number[]) =>
    values.forEach((value, i) => {
      view.setFloat32(offset + 4 * i, value, true);
    });
  const text = (offset: number, value: string, most: number) =>
    [...value].slice(0, most).forEach((c, i) => {
      view.setUint8(offset + i, c <= '~' ? c.charCodeAt(0) : 63);
    });

  const code = options.worldCode ?? 1;
  const rotation = rotationOf(labels.affine);
  view.setInt32(0, HEADER, true); // sizeof_hdr
  const dim = [3, ...labels.dimsXyz, 1, 1, 1, 1];
  dim.forEach((n, i) => {
    view.setInt16(40 + 2 * i, n, true);
  });
  view.setInt16(68, INTENT_LABEL, true); // intent_code
  view.setInt16(70, 2, true); // datatype: uint8
  view.setInt16(72, 8, true); // bitpix
  floats(76, [rotation?.qfac ?? 1, ...labels.spacingXyz, 1, 1, 1, 1]); // pixdim
  floats(108, [voxOffset, 1, 0]); // vox_offset, scl_slope, scl_inter
  view.setUint8(123, 2); // xyzt_units: mm
  text(148, options.description ?? 'Organscope labels', 79); // descrip
  view.setInt16(252, rotation ? code : 0, true); // qform_code
  view.setInt16(254, code, true); // sform_code
  const offset = [labels.affine[3], labels.affine[7], labels.affine[11]];
  if (rotation) floats(256, [...rotation.bcd, ...offset]); // quatern_bcd, qoffset
  floats(280, labels.affine.slice(0, 12)); // srow_x, srow_y, srow_z
  text(344, 'n+1', 3); // magic
  return new Uint8Array(view.buffer);
}

/** Quaternion (a >= 0) and qfac of an affine, null when its axes are not at right angles: a qform cannot hold shear. */
function rotationOf(affine: Affine): { bcd: Triple; qfac: 1 | -1 } | null {
  const qfac = determinant(affine) < 0 ? -1 : 1;
  const spacing = [0, 1, 2].map((axis) => Math.hypot(affine[axis], affine[4 + axis], affine[8 + axis]));
  const closest = closestRotation(affine);
  const isOrthogonal = closest.every((value, i) => {
    const [row, column] = [Math.floor(i / 3), i % 3];
    // float32 headers carry cosines to 1e-7; 1e-5 is 0.005 mm over half a metre.
    return Math.abs(affine[row * 4 + column] / spacing[column] - value) < 1e-5;
  });
  if (!isOrthogonal) return null;
  const r = closest.map((value, i) => (i % 3 === 2 ? value * qfac : value));
  // The largest of 4a^2, 4b^2, 4c^2, 4d^2 is at least 1: dividing by its root is always safe.
  const squares = [1 + r[0] + r[4] + r[8], 1 + r[0] - r[4] - r[8], 1 - r[0] + r[4] - r[8], 1 - r[0] - r[4] + r[8]];
  const largest = squares.indexOf(Math.max(...squares));
  const products = [
    [squares[0], r[7] - r[5], r[2] - r[6], r[3] - r[1]],
    [r[7] - r[5], squares[1], r[1] + r[3], r[2] + r[6]],
    [r[2] - r[6], r[1] + r[3], squares[2], r[5] + r[7]],
    [r[3] - r[1], r[2] + r[6], r[5] + r[7], squares[3]],
  ][largest];
  const scale = 1 / (2 * Math.sqrt(squares[largest]));
  const [a, b, c, d] = products.map((product) => product * scale);
  const sign = a < 0 ? -1 : 1;
  return { bcd: [b * sign, c * sign, d * sign], qfac };
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
