/** Use without a network, and what is stored in the browser: offline/, state/keeping.ts and their dialog. */
export const keeping = {
  'file-unreachable':
    '{file} could not be fetched: the server did not answer. Check the connection and press "Resume".',
  'file-refused':
    '{file} could not be fetched: the server answered {status}. Reload the page; it may be of an older version.',
  'file-broken-off':
    'The connection broke after {done} of {bytes} bytes of {file}. What has arrived is kept: "Resume" goes on from there.',
  'file-damaged':
    '{file} is not as it was built, so it was not kept. Try again; if it stays so, the copy on the server is damaged or a program on the way changes files.',
  'no-room-to-keep':
    "There was no room for {what} in the browser's storage, so nothing of it was kept. What was kept before is still there. Remove something below, or free space on the disk.",
  'no-room-for-all':
    'This needs {needed}, and the browser has {free} left for this page. Nothing was changed. Remove something below, free space on the disk, or keep less.',
  'all-is-kept': 'All of it is kept already.',
  'kept-now': 'Kept for use without a network: {what}.',
  'kept-from-the-start':
    'Kept for use without a network: {what}. What had arrived before could not be used, since the server cannot go on in the middle of a file; it was fetched again from the start.',
  'part-compute-cpu': 'Computing on the main processor',
  'part-compute-gpu': 'ONNX Runtime on the graphics processor',
  'part-samples': 'Sample scans',
  'persistence-granted': 'The browser promised to keep all of this until you delete it.',
  'persistence-refused':
    'The browser did not promise it: when the disk is nearly full, it may delete what is kept here. It tends to agree once Organscope is installed as an app, or bookmarked and often used.',
  'persistence-unknown': 'This browser cannot be asked.',
  'not-deleted': 'This could not be deleted: {names}. Close other Organscope windows and try again.',
  'delete-everything-question': 'Delete everything that Organscope keeps in this browser?',
  'delete-own-too':
    'Your own models are deleted too: {models}. They cannot be downloaded again; add them from their folders if you need them. Everything else comes back from the server when it is used. What is open on this page stays open.',
  'delete-what':
    'Models, settings and measurements are deleted, and the page no longer starts without a network until it was opened with one. What is open on this page stays open.',
  'delete-nothing': 'Delete nothing',
  'delete-everything-now': 'Delete everything',
  'everything-deleted': 'Organscope keeps nothing in this browser any more.',
  'not-kept-and-offline':
    '{title} is not kept in this browser, and its server cannot be reached. Connect to the network to download it; then keep it under "Offline & storage" in the menu.',
  'not-kept-others-are':
    '{title} is not kept in this browser, and its server cannot be reached. Choose one that is kept ({kept}), or connect to the network.',
  'offline-without':
    'There is no connection, and these models are not kept in this browser: {models}. To get them, connect to the network and open "Offline & storage" in the menu.',
  'chosen-is-not-kept': 'There is no connection, and {title} is not kept in this browser.',

  'offline-and-storage': 'Offline & storage',
  'looking-at-storage': 'Looking at what is kept…',
  'not-offline-app':
    'Does not work without a network yet: the page itself is not kept. Reload it once with a network; it needs https or localhost, and a window that is not private.',
  'not-offline-compute':
    'Does not work without a network yet: the code for computing on the main processor is not kept.',
  'not-offline-model': 'Opens and shows scans without a network, but no model is kept.',
  'works-offline': 'Works without a network: {models}.',
  'works-offline-partly': 'Works without a network: {models}. Not yet: {missing}.',
  'keep-everything': 'Keep everything ({size} to download)',
  'keeping-for-offline': 'Keeping for use without a network',
  'so-far': '{done} of {total}',
  'kept-for-offline': 'For use without a network',
  'also-stored': 'Also stored in this browser',
  room: 'Room',
  'the-page-itself': 'The page itself',
  'the-page-itself-use': 'Starts without a network. Kept by itself; updates come with a message.',
  'the-page-not-kept': 'Kept by itself after the first visit over https or on localhost.',
  'a-model': 'A model that comes with the page',
  'part-compute-cpu-use': 'Wanted on every machine: a run goes on there when the graphics processor fails.',
  'part-compute-gpu-use':
    "Only for the choices under “Run on” that name ONNX Runtime; Organscope's own code is in the page.",
  'part-samples-use': 'For “Try it with a sample brain” and demonstrations.',
  'thing-kept': 'kept, {size}',
  'kept-partly': 'partly, {kept} of {size}',
  'thing-not-kept': 'not kept',
  'not-kept-size': 'not kept, {size}',
  'being-kept': 'downloading…',
  'keep-what': 'Keep: {what}',
  resume: 'Resume',
  'resume-what': 'Resume: {what}',
  'remove-what': 'Remove: {what}',
  'own-model': 'A model that you added. Cannot be downloaded again.',
  'settings-stored': 'Settings',
  'settings-stored-use': 'The model that was chosen last, so that it need not be chosen again.',
  'measurements-stored': 'Measurements of this machine',
  'measurements-stored-use': 'Which processor is faster here, so that it is not measured at every start.',
  'shared-stored': 'Files from other programs',
  'shared-stored-use': 'Files handed over to the installed app, until the page has opened them.',
  'nothing-stored': 'nothing',
  'entries-stored': '{count, plural, one {# entry} other {# entries}}',
  'delete-what-stored': 'Delete: {what}',
  'room-used': 'Storage used',
  'used-of': '{used} used of about {quota} that the browser allows',
  'room-unknown': 'This browser does not say how much room there is.',
  'is-persistent': 'The browser has promised to keep this until you delete it.',
  'is-not-persistent': 'The browser may clear this by itself when the disk is nearly full.',
  'ask-persistence': 'Ask it not to',
  'scans-are-not-stored': 'Scans and masks are never stored here: they are in memory only.',
  'deleting-waits': 'Something is running; deleting waits until it has ended.',
  'delete-everything': 'Delete everything that Organscope keeps in this browser…',
} as const;
