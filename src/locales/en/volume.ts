/** Sentences of volume/: what is the matter with a label map, or with two grids. */
export const volume = {
  /** The end of a sentence about a file. */
  'label-map-unusable': 'has the value {value}, and masks can be drawn for whole numbers from 0 to {largest} only',
  /** These two read on after "they are not on the same grid:". */
  'grid-sizes-differ': '{second} and {first} voxels',
  'grid-positions-differ': 'their positions differ by up to {distance}',
  'matrix-singular': 'The voxel axes do not span space (matrix rows {rows}). Convert the scan again from its source.',
  'grids-differ':
    '{other} and {first} are not on the same grid: {difference}. Scans that are opened together must be images of one patient on one grid: register and resample them first, or open them one at a time.',
} as const;
