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

  'model-address':
    '"?model={value}" in the page\'s address does not name a folder. Write it like ?model=/models/brain-mri/.',
  'model-cross-origin':
    "The page's address asks for a model from {where}, but Organscope loads models from its own server ({origin}) only. Download the model and drop its folder on this page.",
  'models-missing':
    'The list of models could not be read from {url}. Scans can be viewed, and models of your own used. Run "npm run setup" and reload.',
  'model-unreachable': '{what} could not be fetched from {url}. Check the connection and try again.',
  'model-not-found': 'There is no {what} at {url}. Run "npm run setup" to fetch the model, or check its name.',
  'model-server-failed': '{what} could not be fetched from {url}: the server answered {status}.',
  'model-connection-broken':
    'The connection broke after {done} of {bytes} bytes of {url}. Try again; files that arrived whole are not fetched twice.',

  'storage-full':
    "The browser's storage for this page is full, so the model was not kept. Delete a model that you no longer need, or free space on the disk, and add it again.",
  'storage-failed':
    'The browser could not store {name} ({why}). If another Organscope tab is adding a model, wait for it and try again.',
  'storage-incomplete':
    'The browser stored {stored} of the {bytes} bytes of {file}. Free space on the disk and add the model again.',
  'storage-cleared':
    "{title} was not kept: {what} disappeared from the browser's storage while it was being written. Was the page's data cleared? Add it again.",
  'one-of-its-files': 'one of its files',
  'model-exists':
    '{title}, version {version} ({name}), is here already. Replacing it takes the new files and forgets the old ones.',
  'model-not-stored': "The model {id} is no longer in this browser's storage. Add it again.",
  'model-file-not-stored':
    "{file} of {title} is missing or damaged in this browser's storage. Delete the model and add it again.",
  'no-model-storage': 'This browser keeps no models for this page, so {id} is gone. Add it again.',

  'several-models': 'There are {count} models here ({paths}). Add one at a time.',
  'model-file-missing': 'model.json names {file}, but {given}. Add the whole folder, or all of its files together.',
  'only-these-came': 'only {names} came with it',
  'nothing-else-came': 'nothing else came with it',
  'names-and-more': '{names} and {count} more',
  'checkpoint-only':
    '{checkpoint} is a PyTorch checkpoint. Turn it into a model folder first: python -m unetrpp.export --checkpoint {checkpoint} --out FOLDER. Then add FOLDER.',
  'no-manifest':
    'There is no model.json and no scan (.nii, .nii.gz) {where}, so nothing says what the network expects. Add the whole folder that "python -m unetrpp.export" wrote.',
  'among-these': 'among {names}',
  'in-it': 'in it',
  'zip-encrypted': '{name} is protected by a password. Unpack it, and drop the folder inside instead.',
  'zip-damaged':
    '{name} could not be unpacked ({why}). Copy or download it again, or unpack it and drop the folder inside.',
  'zip-too-large':
    '{name} holds {size}, more than a browser can unpack (2 GB). Unpack it, and drop the folder inside instead.',

  'insecure-context':
    'This page was opened over plain http, where browsers offer neither checksums nor WebGPU. Open it over https or on localhost.',
  'model-size':
    '{file} has {bytes} bytes, model.json expects {expected}. It is incomplete or does not belong to this model.json; {advice}',
  'model-checksum':
    '{file} is damaged or not the file that model.json describes: its SHA-256 is {received}, model.json expects {expected}; {advice}',
  'fetch-model-again': 'reload the page to fetch it again.',
  'copy-model-again': 'copy the folder again.',
  'weights-checksum':
    'The {count} weight files are each intact, but together their SHA-256 is {received} and model.json expects {expected}: their order or model.json is wrong. Export the model again.',
} as const;
