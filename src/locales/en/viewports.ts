/** Sentences of ui/viewports/: what is written in, around and under the slices. */
export const viewports = {
  'viewer-region': 'Slices',
  'graphics-lost':
    'The graphics hardware was taken away from this page. The picture returns by itself as soon as it is back; your scan and masks are kept.',

  'plane-slice': '{plane} slice',
  'plane-slice-of': '{plane} slice {slice} of {slices}',
  oblique: 'oblique {degrees}°',
  'oblique-explained':
    "The scan''s axes are tilted against the patient''s. Slices follow the scan''s own axes; positions in mm are exact.",
  'how-to-see-all-panes': 'Esc or double click for all panes',

  'sides-unknown':
    'This file does not say how the patient lies: the letters are a guess. Compare with what you know of the patient.',
  'sides-disputed':
    'This file says two things about how the patient lies: the letters may be wrong. Compare with what you know of the patient.',
  'sides-are-right': 'Orientation is correct',

  'status-pointer': 'Pointer',
  'status-crosshair': 'Crosshair',
  'status-position': 'Position',
  'status-voxel': 'Voxel',
  'status-voxel-explained': 'As stored, counted from 0',
  'status-value': 'Value',
  'status-width': 'W',
  'status-level': 'L',
  'preparing-picture': 'Preparing the picture…',
  'masks-hidden': 'masks hidden',
  'no-structure': 'no structure',
  'hidden-structure': 'hidden structure',
} as const;
