/** Sentences of viewer/: why it cannot draw. */
export const viewer = {
  'no-webgl2':
    'This browser offers no WebGL2, which the viewer draws with. Switch hardware acceleration on in its settings, or use a current Chrome, Edge, Firefox or Safari.',
  'viewer-failed': 'The viewer failed: {why}',
  'volume-too-large-for-gpu':
    'This scan has {size} voxels, but the graphics hardware shows at most {limit} along one axis. Crop or resample the scan, or use another computer.',
} as const;
