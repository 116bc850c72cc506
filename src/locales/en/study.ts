/** Sentences of study/: what can be undone, and what is wrong with a change that cannot be made. */
export const study = {
  'add-scans': 'Open {names}',
  'add-masks': 'Add the masks of {name}',
  'remove-scans': 'Remove {count, plural, one {# scan} other {# scans}}',
  'remove-masks': 'Remove {count, plural, one {# label map} other {# label maps}}',
  'voxels-gone': 'The voxels of a scan or mask that is not open any more were asked for ({id}).',
  'label-map-gone': 'A mask that is not open any more was to be changed ({id}).',
  'edit-outside': 'A change of labels does not lie in their grid ({box} in {grid} voxels).',
  'edit-out-of-turn': 'A change of labels was made of other labels than those that are there.',
} as const;
