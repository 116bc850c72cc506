/** Sentences of state/: what the page asks and tells about scans, masks and models. */
export const state = {
  'no-model': 'No model is loaded. Reload the page; if it stays so, run "npm run setup".',
  'channel-missing':
    '{model} has no scan for {channels} yet. Add the scan, or choose one of the open ones under "Scans".',
  'model-added': '{model} was added and chosen. Its files are intact, and it ran on a test window.',
  'model-exchanged': '{model} does not suit this scan: {why} {chosen} is chosen instead.',
  'not-opened-while-running':
    '{name} was not opened: a segmentation was running. Open it when the run has ended or was cancelled.',
  reading: 'Reading {name}…',
  /** In the place of a file's name. */
  'several-scans': '{count, plural, other {# scans}}',
  'named-warning': '{name}: {warning}',

  'result-not-saved': 'The result is not saved',
  'result-would-be-lost': 'The masks of {what} would be lost.',
  'masks-of-run': '{model} on {scans}',
  'save-then-segment': 'Save the mask, then segment',
  'segment-without-saving': 'Segment without saving',
  'save-then-open': 'Save the mask, then open {name}',
  'open-without-saving': 'Open {name} without saving',
  'save-then-open-several': 'Save the mask, then open {count, plural, other {# scans}}',
  'open-several-without-saving': 'Open {count, plural, other {# scans}} without saving',
  'save-then-show': 'Save the mask, then show {name}',
  'show-without-saving': 'Show {name} without saving',
  'keep-the-result': 'Keep the result',

  'looks-like-label-map': 'This looks like a label map',
  'map-on-grid': '{name} seems to be a mask and not a scan ({says}). It lies on the grid of {scan}.',
  'map-on-other-grid': '{name} seems to be a mask and not a scan ({says}). It cannot be shown over {scan}: {why}.',
  'map-cannot-be-drawn': 'it {unusable}',
  'map-not-on-grid': 'they are not on the same grid: {difference}',
  'show-map-over-scan': 'Show it over the open scan',
  'open-as-scan': 'Open it as a scan',
  'do-not-open': 'Cancel',
  'map-shown-as-picture':
    '{name} looks like a label map, a mask: it is shown as a picture. Open its scan, then drop it again to see it over the scan.',
  'maps-shown-as-pictures':
    '{names} look like label maps, masks: they are shown as pictures. Drop one at a time to see it over the open scan.',
} as const;
