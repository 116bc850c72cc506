/** Sentences of state/: what the page asks and tells. */
export const state = {
  'no-model': 'No model is loaded. Reload the page; if it stays so, run "npm run setup".',
  'channel-missing':
    '{model} has no scan for {channels} yet. Add the scan, or choose one of the open ones under "Scans".',
  'named-warning': '{name}: {warning}',
  'model-exchanged': '{model} does not suit this scan: {why} {chosen} is chosen instead.',
  'map-on-other-grid': '{name} seems to be a mask and not a scan ({says}). It cannot be shown over {scan}: {why}.',
  'map-on-grid': '{name} seems to be a mask and not a scan ({says}). It lies on the grid of {scan}.',
  'map-cannot-be-drawn': 'it {unusable}',
  'map-not-on-grid': 'they are not on the same grid: {difference}',
  'map-shown-as-picture':
    '{name} looks like a label map, a mask: it is shown as a picture. Open its scan, then drop it again to see it over the scan.',
  'maps-shown-as-pictures':
    '{names} look like label maps, masks: they are shown as pictures. Drop one at a time to see it over the open scan.',
  'not-opened-while-running':
    '{name} was not opened: a segmentation was running. Open it when the run has ended or was cancelled.',
  'result-would-be-lost': 'The masks of {what} would be lost.',
  'masks-of-run': '{model} on {scans}',
} as const;
