/** Sentences of models/: why a model may not be made for a scan, and what is wrong with model files. */
export const models = {
  'label-map':
    '{name} seems to be a mask and not a scan ({says}). Masks of a mask would mean nothing. Choose the scan that it belongs to.',
  'label-map-by-header': 'its header says so',
  'label-map-by-values': 'its values are whole numbers from 0 on, in blocks',
  'modality-unknown':
    '{madeFor, select, CT {{name} may not be CT in Hounsfield units: its values from {min} to {max} do not tell. The model is made for CT; make sure that the scan is, or do not trust its masks.} other {{name} may be CT: its values from {min} to {max} do not tell. The model is made for MR; make sure that the scan is, or do not trust its masks.}}',
  modality:
    '{name} looks like CT (values from {min} to {max}), but the model is made for MR. Its masks would mean nothing. Choose a model for CT.',
  'not-hounsfield':
    'The values of {name} are not Hounsfield units (values from {min} to {max}), but the model is made for CT. Its masks would mean nothing. If the scan is CT, its intercept (often -1024) is missing: convert it again from DICOM; if not, choose a model for MR.',
  padding:
    "{share} % of the voxels of {name} are far outside the rest ({value}, the rest {min} to {max}), as padding is. The model's own preparation takes them for intensities, so its masks may mean nothing. Set them to the value of the background first.",
  extent:
    'This scan measures {size} mm {along}, but the model is made for scans of {limit} mm. Its masks may mean nothing.',
  'along-right-to-left': 'from right to left',
  'along-back-to-front': 'from back to front',
  'along-foot-to-head': 'from foot to head',
  'at-least': 'at least {mm}',
  'at-most': 'at most {mm}',

  'grids-differ':
    '{other} and {first} are not on the same grid: {difference}. Scans that are opened together must be images of one patient on one grid: register and resample them first, or open them one at a time.',
  'channel-grids-differ':
    '{channel} ({name}) and {firstChannel} ({first}) are not on the same grid: {difference}. Register them and resample both to one grid first.',
} as const;
