/** Sentences of files/: what a reader had to assume, and why a file cannot be used. */
export const files = {
  'left-out': 'Left out, since it is neither a scan (.nii, .nii.gz) nor part of a model: {names}.',
  'several-frames': 'The file holds {frames} volumes; only the first one is used.',
  'intercept-not-finite': 'The file adds {intercept} to every voxel (scl_inter), which cannot be; nothing is added.',
  'voxels-not-finite': '{count} voxels were NaN or infinite; they are taken as background, {background}.',

  'sform-directions-only':
    "The position matrix (sform) holds directions without voxel sizes; the header's voxel size of {size} is used.",
  'qform-not-used': 'The file holds two positions and the second (qform) is not valid; the first (sform) is used.',
  'sform-not-used': "The first of the file's two positions (sform) is not valid: {rows}. The second (qform) is used.",
  'orientation-unknown':
    'The file does not say how the patient lies (no sform, no qform). All three axes are a guess: check left and right, front and back, head and feet before use.',
  'spacing-negative': 'The header gives a negative voxel size ({size}); its sign is ignored.',
  'qfac-unclear':
    'The header says whether the slices are mirrored with 1 or -1 (pixdim[0]); here that is {qfac}, which is read as 1 by some programs and as -1 by others.',
  'spacing-disagrees':
    'The header gives a voxel size of {header}, its position matrix (sform) one of {matrix}; the matrix is used. Check lengths and volumes, or convert the scan again from its source.',
  'unit-converted': 'The file gives lengths in {unit}; they were converted to mm.',
  'unit-implausible': 'The file says its lengths are {unit}, which cannot be ({size}); they are taken as mm.',
  metres: 'metres',
  micrometres: 'micrometres',
  'scan-sheared':
    'The scan is sheared: its {first} and {second} axes are {degrees} degrees off a right angle, as with a tilted gantry. Positions in mm and volumes are right, the picture shows the slices as if they were straight.',

  'forms-differ':
    'The file holds two positions that differ by up to {distance}: against the {used}, the {other} is {difference}. The {used} is used, other programs may use the {other}.',
  /** From here on the parts of {difference}. */
  'form-mirrored': 'mirrored {axis}',
  'form-turned': 'turned by {degrees} degrees about the {axis} axis',
  'form-of-other-size': 'of other voxel size ({size} instead of {expected})',
  'form-shifted': 'shifted by {shifts}',
  'shift-along': '{distance} {axis}',
  'form-sheared': 'sheared differently',
  'form-slightly-different': 'slightly different',
  'axis-left-right': 'left-right',
  'axis-front-back': 'front-back',
  'axis-head-feet': 'head-feet',
} as const;
