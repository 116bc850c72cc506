/**
 * Which of the transforms a NIfTI header may hold is believed, and the matrix it means. The choice is nibabel's, but where
 * an sform is of no use (zeros, NaN) or holds directions alone (`directionsOnly`).
 */
import { InvalidInputError } from '../../core/errors';
import { type Message, message } from '../../core/messages';
import { millimetres, rounded, roundedTriple } from '../../core/rounded';
import { isSingular, spacingFromAffine } from '../../volume/affine';
import type { Affine, Triple } from '../../volume/grid';
import type { NiftiForms, OrientationDoubt } from '../../volume/volume';
import { compareForms, shear } from './compareForms';
import type { NiftiHeader } from './niftiHeader';

export interface Geometry {
  readonly affine: Affine;
  readonly spacingXyz: Triple;
  readonly warnings: readonly Message[];
  readonly orientationDoubt?: OrientationDoubt;
}

/** As a fraction of the voxel size. */
const MAX_SIZE_DIFFERENCE = 0.01;
/** Voxel edges in mm that any scanner of people or of samples makes; what lies outside is a wrong unit or a damaged header. */
const SMALLEST_MM = 0.005;
const LARGEST_MM = 50;
/** No scan is this long. */
const LONGEST_MM = 5000;

/** One of the two transforms, as far as it can be used. */
type Form = { readonly affine: Affine } | { readonly error: InvalidInputError };

/**
 * sform when its code is > 0, else qform when its code is > 0, else pixdim alone: axes as if L-A-S and the origin in the
 * middle, which is nibabel's guess, with a warning that no side is known. A form that cannot be used gives way to the other.
 * @throws InvalidInputError('spacing-not-positive' | 'spacing-too-small' | 'spacing-too-large' | 'scan-too-long' |
 *   'affine-singular' | 'qform-invalid')
 */
export function resolveAffine({ forms, dimsXyz }: Pick<NiftiHeader, 'forms' | 'dimsXyz'>, name: string): Geometry {
  const warnings: Message[] = [];
  const sform = forms.sformCode > 0 ? sformOf(forms, name) : null;
  const qform = forms.qformCode > 0 ? qformOf(forms, name) : null;
  let orientationDoubt: OrientationDoubt | undefined;
  let affine: Affine;
  /** What other programs may believe instead. */
  let other: { readonly affine: Affine; readonly form: string } | null = null;

  if (sform && 'affine' in sform) {
    affine = sform.affine;
    if (directionsOnly(forms, affine)) {
      const scaled = withVoxelSize(affine, sizesOf(forms));
      warnings.push(message('sform-directions-only', { size: `${roundedTriple(sizesOf(forms))} mm` }));
      if (qform && 'affine' in qform) {
        affine = qform.affine;
        other = { affine: scaled, form: 'sform' };
      } else affine = scaled;
    } else {
      const size = sizeDisagreement(forms, affine);
      if (size) warnings.push(size);
      if (qform && 'affine' in qform) other = { affine: qform.affine, form: 'qform' };
      else if (qform) {
        warnings.push(message('qform-not-used'));
      }
    }
  } else if (qform && 'affine' in qform) {
    affine = qform.affine;
    if (sform) {
      warnings.push(message('sform-not-used', { rows: rowsOf(forms) }));
    }
  } else if (sform ?? qform) {
    throw ((sform ?? qform) as { error: InvalidInputError }).error;
  } else {
    affine = centredAffine(forms, dimsXyz, name);
    orientationDoubt = 'unknown';
    warnings.push(message('orientation-unknown'));
  }
  if (forms.pixdim.slice(1, 4).some((size) => size < 0)) {
    warnings.push(message('spacing-negative', { size: `${roundedTriple(forms.pixdim.slice(1, 4))} mm` }));
  }
  const [qfac] = forms.pixdim;
  if (qform && qfac < 0 && qfacOf(forms) === 1) {
    warnings.push(message('qfac-unclear', { qfac: rounded(qfac) }));
    orientationDoubt = 'disputed';
  }

  const unit = toMillimetres(forms.units & 7, spacingFromAffine(affine));
  warnings.push(...unit.warnings);
  affine = scaledBy(affine, unit.factor);
  const spacingXyz = spacingFromAffine(affine);
  checkPlausible(spacingXyz, dimsXyz, name);
  if (other) {
    const difference = compareForms(affine, scaledBy(other.affine, unit.factor), dimsXyz);
    if (difference) {
      const used = other.form === 'qform' ? 'sform' : 'qform';
      warnings.push(
        message('forms-differ', {
          distance: `${millimetres(difference.mm)} mm`,
          used,
          other: other.form,
          difference: difference.what,
        }),
      );
      if (difference.turnsSides) orientationDoubt = 'disputed';
    }
  }
  const sheared = shear(affine);
  if (sheared) warnings.push(sheared);
  return { affine, spacingXyz, warnings, ...(orientationDoubt && { orientationDoubt }) };
}

const sizesOf = ({ pixdim }: NiftiForms): Triple => [Math.abs(pixdim[1]), Math.abs(pixdim[2]), Math.abs(pixdim[3])];
const areSizes = (values: Triple) => values.every((size) => size > 0 && Number.isFinite(size));
const scaledBy = (affine: Affine, factor: number): Affine =>
  factor === 1 ? affine : (affine.map((value, i) => (i < 12 ? value * factor : value)) as unknown as Affine);
const withVoxelSize = (affine: Affine, sizes: Triple): Affine =>
  affine.map((value, i) => (i % 4 < 3 && i < 12 ? value * sizes[i % 4] : value)) as unknown as Affine;

/** As nibabel reads pixdim[0]: -1 means mirrored, anything else does not. */
const qfacOf = ({ pixdim }: NiftiForms): 1 | -1 => (Math.abs(pixdim[0] + 1) < 1e-3 ? -1 : 1);

const rowsOf = ({ srows }: NiftiForms): string =>
  [0, 4, 8]
    .map((row) =>
      srows
        .slice(row, row + 4)
        .map(rounded)
        .join(', '),
    )
    .map((numbers) => `[${numbers}]`)
    .join(', ');

function spacingError(spacing: Triple, name: string): InvalidInputError {
  return new InvalidInputError('spacing-not-positive', { name, spacing: `[${spacing.map(rounded).join(', ')}] mm` });
}

/** Before anything is allocated: what resampling makes of a scan grows with the cube of these. */
function checkPlausible(spacing: Triple, dims: Triple, name: string): void {
  const wrong = spacing.find((mm) => mm < SMALLEST_MM || mm > LARGEST_MM);
  if (wrong !== undefined) {
    const parameters = { name, size: `${rounded(wrong)} mm`, voxels: `${roundedTriple(spacing)} mm` };
    throw wrong < SMALLEST_MM
      ? new InvalidInputError('spacing-too-small', parameters)
      : new InvalidInputError('spacing-too-large', parameters);
  }
  const axis = dims.findIndex((n, i) => n * spacing[i] > LONGEST_MM);
  if (axis >= 0) {
    throw new InvalidInputError('scan-too-long', {
      name,
      size: `${rounded(spacing[axis])} mm`,
      count: dims[axis],
      length: `${rounded((dims[axis] * spacing[axis]) / 1000)} m`,
    });
  }
}

function sformOf(forms: NiftiForms, name: string): Form {
  const affine = [...forms.srows, 0, 0, 0, 1] as unknown as Affine;
  const spacing = spacingFromAffine(affine);
  if (affine.every(Number.isFinite) && !areSizes(spacing)) return { error: spacingError(spacing, name) };
  if (!isSingular(affine)) return { affine };
  return {
    error: new InvalidInputError('affine-singular', { name, rows: rowsOf(forms) }),
  };
}

/**
 * The matrix of quaternion, pixdim, qfac and offset (nifti1.h, method 2).
 * b^2 + c^2 + d^2 may exceed 1 by rounding: then a = 0 and the rest is brought back to unit length, as nifti1_io does.
 */
function qformOf(forms: NiftiForms, name: string): Form {
  const [sx, sy, pz] = sizesOf(forms);
  if (!areSizes([sx, sy, pz])) {
    return { error: spacingError([forms.pixdim[1], forms.pixdim[2], forms.pixdim[3]], name) };
  }
  let [b, c, d] = forms.quaternion;
  const [tx, ty, tz] = forms.quaternion.slice(3);
  const square = b * b + c * c + d * d;
  if (!(square <= 1.01) || ![tx, ty, tz].every(Number.isFinite)) {
    const [quaternion, offset] = [
      [b, c, d],
      [tx, ty, tz],
    ].map((values) => values.map(rounded).join(', '));
    return {
      error: new InvalidInputError('qform-invalid', { name, quaternion: `[${quaternion}]`, offset: `[${offset}]` }),
    };
  }
  let a = 0;
  if (1 - square < 1e-7) {
    const norm = Math.sqrt(square);
    [b, c, d] = [b / norm, c / norm, d / norm];
  } else {
    a = Math.sqrt(1 - square);
  }
  const sz = pz * qfacOf(forms);
  return {
    affine: [
      ...([(a * a + b * b - c * c - d * d) * sx, 2 * (b * c - a * d) * sy, 2 * (b * d + a * c) * sz, tx] as const),
      ...([2 * (b * c + a * d) * sx, (a * a + c * c - b * b - d * d) * sy, 2 * (c * d - a * b) * sz, ty] as const),
      ...([2 * (b * d - a * c) * sx, 2 * (c * d + a * b) * sy, (a * a + d * d - c * c - b * b) * sz, tz] as const),
      ...([0, 0, 0, 1] as const),
    ],
  };
}

function centredAffine(forms: NiftiForms, dimsXyz: Triple, name: string): Affine {
  const [sx, sy, sz] = sizesOf(forms);
  if (!areSizes([sx, sy, sz])) throw spacingError([forms.pixdim[1], forms.pixdim[2], forms.pixdim[3]], name);
  const [cx, cy, cz] = dimsXyz.map((n) => (n - 1) / 2);
  return [-sx, 0, 0, cx * sx, 0, sy, 0, -cy * sy, 0, 0, sz, -cz * sz, 0, 0, 0, 1];
}

/**
 * Whether the sform is nothing but directions: axes of length 1 beside a pixdim that says otherwise. Files of the ACDC
 * challenge are like that; ITK, which takes the voxel size from pixdim always, reads them as their authors mean.
 */
function directionsOnly(forms: NiftiForms, sform: Affine): boolean {
  const isUnit = spacingFromAffine(sform).every((length) => Math.abs(length - 1) < 1e-4);
  return isUnit && areSizes(sizesOf(forms)) && sizeDisagreement(forms, sform) !== null;
}

/** One sentence when pixdim, which other programs may believe, has another voxel size than the sform. */
function sizeDisagreement(forms: NiftiForms, sform: Affine): Message | null {
  const spacing = spacingFromAffine(sform);
  const sizes = sizesOf(forms);
  if (spacing.every((s, axis) => Math.abs(sizes[axis] - s) <= MAX_SIZE_DIFFERENCE * s)) return null;
  return message('spacing-disagrees', { header: `${roundedTriple(sizes)} mm`, matrix: `${roundedTriple(spacing)} mm` });
}

/** Metres and micrometres become mm, unless that gives voxels no scanner makes: then the unit is taken for a mistake. */
function toMillimetres(lengthUnit: number, spacing: Triple): { factor: number; warnings: Message[] } {
  const unit = {
    1: { name: message('metres'), factor: 1000 },
    3: { name: message('micrometres'), factor: 0.001 },
  }[lengthUnit];
  if (!unit) return { factor: 1, warnings: [] };
  const isPlausible = spacing.every((s) => s * unit.factor >= SMALLEST_MM && s * unit.factor <= LARGEST_MM);
  return isPlausible
    ? { factor: unit.factor, warnings: [message('unit-converted', { unit: unit.name })] }
    : {
        factor: 1,
        warnings: [message('unit-implausible', { unit: unit.name, size: roundedTriple(spacing) })],
      };
}
