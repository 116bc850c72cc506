/** Sentences of files/: what a reader had to assume, and why a file cannot be used. */
export const files = {
  'left-out': 'Left out, since it is neither a scan (.nii, .nii.gz) nor part of a model: {names}.',
  'several-frames': 'The file holds {frames} volumes; only the first one is used.',
  'intercept-not-finite': 'The file adds {intercept} to every voxel (scl_inter), which cannot be; nothing is added.',
  'voxels-not-finite': '{count} voxels were NaN or infinite; they are taken as background, {background}.',

  'sform-directions-only':
    "The position matrix (sform) holds directions without voxel sizes; the header's voxel size of {size} is used.",
  'qform-not-used': 'The file holds two positions and the second (qform) is not valid; the first (sform) is used.',
  'sform-not-used':
    "The first of the file's two positions (sform) is not valid: matrix rows {rows}. The second (qform) is used.",
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

  'gzip-damaged':
    '{name} is a damaged or incomplete gzip file: unpacking failed before its end ({why}). Copy or download it again.',
  'gzip-ends-early': 'unexpected end of file',
  'scan-archive-damaged':
    '{name} could not be unpacked ({why}). Copy or download it again, or unpack it and drop what is inside.',
  'file-unreadable': '{name} could not be read: {why}. Choose it again.',
  'file-changed': 'it was moved, changed or locked since it was chosen',
  'disk-failed': 'the disk failed',
  'file-empty': '{name} is empty (0 bytes). Copy or download it again.',

  'nifti-invalid': '{name} could not be read as a NIfTI volume. Convert it again from its source.',
  'not-nifti': 'This is {what}, not a NIfTI volume ({name}). {advice}',
  'no-nifti-header':
    '{name} is not a NIfTI volume: its first bytes are not a NIfTI header. Export the scan as .nii or .nii.gz.',
  'analyze-header':
    '{name} looks like an Analyze 7.5 header, not a NIfTI volume: it does not say which side is left. Convert it to NIfTI (.nii.gz).',
  'nifti-pair': '{name} is the header of a .hdr/.img pair. Drop it together with the .img file of the same name.',
  'header-truncated': '{name} ends inside its header ({has} of {needed} bytes). Copy or download it again.',
  'rank-invalid': '{name} says it has {rank} dimensions; NIfTI allows 1 to 7. The header is damaged.',
  'dims-invalid': '{name} has the size {size}; every dimension must be at least 1. The header is damaged.',
  'not-3d':
    '{name} has {size} voxels, which is no volume. Organscope segments 3-D scans with at least 2 voxels along every axis.',
  'vox-offset-invalid':
    '{name} says its voxels start at byte {offset}, inside the header of {header} bytes. The header is damaged.',

  'too-many-voxels': '{name} has {size} voxels; at most 2^31 can be read. Crop or resample it first.',
  'volume-too-large-for-page':
    '{name} has {size} voxels, {memory} in memory; a page can use at most 2.14 GB for one scan. Crop or resample it first.',
  'volume-too-large-to-hold':
    '{name} has {size} voxels ({memory}), more than this browser can hold at once. Crop or resample it first.',
  'voxels-truncated':
    '{name} is cut off: {size} voxels of {type} need {needed}, the file has {has}. Copy or download it again.',
  bytes: '{bytes} bytes',
  'no-finite-voxels': '{name} holds no numbers: all {count} voxels are NaN or infinite. Export the scan again.',
  'datatype-unsupported':
    'The voxels of {name} are {what}. Organscope segments scans with one real number per voxel (8 to 64 bit integers, float32, float64).',
  'voxels-unknown-type': 'of unknown type',
  'voxels-binary': 'single bits (binary)',
  'voxels-complex64': 'complex numbers (complex64)',
  'voxels-rgb24': 'colours (RGB24)',
  'voxels-float128': '128-bit floats (float128)',
  'voxels-complex128': 'complex numbers (complex128)',
  'voxels-complex256': 'complex numbers (complex256)',
  'voxels-rgba32': 'colours (RGBA32)',
  'voxels-other': 'of the unknown NIfTI type {type}',

  'spacing-not-positive':
    'Voxel spacing must be positive, got {spacing} in {name}. Convert the scan again from its source.',
  'spacing-too-small':
    'The voxel size, {size}, is surely wrong ({name} has voxels of {voxels}). Its lengths are metres, perhaps. Convert the scan again from its source.',
  'spacing-too-large':
    'The voxel size, {size}, is surely wrong ({name} has voxels of {voxels}). Convert the scan again from its source.',
  'scan-too-long':
    'The voxel size, {size}, is surely wrong: {count} voxels of it make {length} in {name}. Convert the scan again from its source.',
  'affine-singular':
    '{name}: the voxel axes of its position matrix (sform) do not span space (matrix rows {rows}). Convert the scan again from its source.',
  'qform-invalid':
    '{name}: the orientation (qform) is no rotation (quaternion b, c, d = {quaternion}, offset {offset}). Convert the scan again from its source.',

  'dimension-too-large':
    'NIfTI-1 holds at most {largest} voxels per axis, the labels have {size}. Crop the scan first.',
} as const;
