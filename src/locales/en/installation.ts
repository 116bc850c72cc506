/** Sentences of offline/ and of what the page says about its own installation. */
export const installation = {
  'update-waiting': 'A new version of Organscope is ready.',
  'update-now': 'Update now',
  updating: 'Updating…',
  'update-elsewhere':
    'The new version was not applied: another window of Organscope has a scan open. Finish there, close it, and update then.',
  'update-failed':
    'The new version did not take over; the one you had goes on. Close all windows of Organscope and open it again: that applies it too.',
  replaced:
    'Organscope was updated. This window still is the version before: save what you need, then reload the page.',
  'reload-after-run': 'It can be applied when the segmentation has ended.',
  'reload-after-adding': 'It can be applied when the model has been added.',
  'reload-after-saving': 'It can be applied when the mask has been saved.',
  'reload-closes-scan': 'The page is loaded again for it, which closes the scan.',
  'threads-after-reload': 'After a reload this page computes with all processor cores; now it uses one.',
  'reload-now': 'Reload now',
  'threads-need-https':
    'This page computes with one processor core: at an address without https, browsers allow no more. Open it at an https address or on this computer (http://localhost).',
  'threads-refused':
    'This page computes with one processor core: this browser does not isolate it, which it asks for before it lets threads share memory. It works, more slowly.',
  'not-kept':
    'The page could not be kept for use without a network: a file of it did not arrive whole, or there is no room. It is tried again when the page is next opened.',
  'not-kept-because':
    'The page cannot be kept for use without a network in this browser ({why}). With a network it works.',
  'install-app': 'Install Organscope…',
  'install-by-hand':
    'This browser does not offer to install the page here. Look in its own menu: Chrome and Edge install from an icon in the address bar, Safari by "Add to Dock" or "Add to Home Screen". It works offline in a tab too.',
  'launch-unreadable': 'What was opened with Organscope could not be read ({why}). Drop it on the page instead.',
  'shared-files-missing': 'What was shared with Organscope did not arrive. Share it again, or drop it on the page.',
} as const;
