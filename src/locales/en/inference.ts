/** Sentences of inference/: the worker, where a network runs and why, what a scan or a network cannot be. */
export const inference = {
  // The worker
  'not-sent': 'The inference worker could not be given its task: {why}',
  'worker-crashed':
    'The inference worker stopped unexpectedly{because}. It starts again with the next run; if it keeps happening, the volume may need more memory than the browser allows.',
  'worker-not-started':
    'The inference worker could not be started{because}. Reload the page; if it stays so, the server does not offer all files of the page, or sends a Content-Security-Policy that forbids blob: workers.',
  'message-not-decoded': 'a message could not be decoded',
  'volume-too-large':
    "{name} has {size} voxels ({millions} million){others, plural, =0 {} other { and # more of that size}}, more than this browser's memory holds beside what else is open ({why}). Crop or resample it, or close other tabs, and try again.",

  // Adding a model
  'no-storage':
    'This browser stores nothing for this page, so no model can be added. Leave private browsing, or open the page over https or on localhost.',
  'storage-too-small':
    '{title} needs {needed}, but the browser gives this page only {free} more. Delete a model that you no longer need, or free space on the disk, and add it again.',
  'fails-on-noise':
    'The network does not work: tried on noise, {what} (on {provider}, {adapter}). Its weights are damaged or exceed the range of float16; export it again, with --fp32 if need be.',
  'self-test-failed':
    '{happened} It is not used for this model. Choose another provider, or update the graphics driver and the browser, and run the self-test again.',
  'self-test-differs':
    'On a test window with a known answer, {provider} ({adapter}) computed something else than the network means.',
  'gives-not-finite': 'it gives NaN or infinity',
  'gives-constant': 'it gives one value everywhere',

  // Where a network runs, and why
  adapter: '{name}',
  'adapter-software': '{adapter} (software)',
  'adapter-fallback': 'a fallback adapter',
  'adapter-unnamed': 'unnamed GPU',
  threads: '{count, plural, one {# thread} other {# threads}}',
  'cpu-threads': '{count, plural, one {# CPU thread} other {# CPU threads}}',
  'runs-on-cpu': '{why}; running on {threads}.',
  'no-wasm-threads': 'The server does not send COOP/COEP headers with the page, so WebAssembly has no threads.',
  'wasm-chosen': 'You chose WebAssembly',
  'browser-without-adapter': 'This browser supports WebGPU but offers no graphics adapter',
  'browser-without-webgpu': 'This browser has no WebGPU',
  'no-webgpu':
    '{why}. Choose "auto" or "wasm" to run on the CPU, or enable WebGPU and hardware acceleration in the browser\'s settings.',
  'needs-adapter': '{provider} needs a WebGPU adapter; there is none.',
  'adapter-not-timed': 'The adapter does not say how long its work takes.',
  'nothing-to-measure': 'There is no graphics adapter to measure.',
  'kernels-wgsl': "Organscope's own kernels",
  'kernels-hybrid': "ONNX Runtime's WebGPU provider with Organscope's attention kernels",
  'kernels-webgpu': "ONNX Runtime's WebGPU provider",
  'software-not-measured':
    'This adapter could not be measured, but a software one ({software}) is slower than WebAssembly',
  'adapter-not-measured': 'This adapter could not be measured. Running {kernels} on {adapter}.',
  'called-software': 'the WebGPU adapter, a software one ({software})',
  'time-on': '{time} on {where}',
  'at-least-on': 'at least {time} on {where}',
  'less-than-threads': 'less than {threads} can reach',
  'cpu-faster': 'A test convolution took {onCpu}, {onGpu}',
  'gpu-faster': 'Running {kernels}: a test convolution took {onGpu}, {onCpu}.',
  'provider-chosen': 'You chose {kernels}; running on {adapter}.',
  'software-slow': 'It is a software adapter: expect it to be slower than WebAssembly.',
  'instead-gpu': '{why} Instead: {kernels} on {adapter}.',
  'instead-cpu': '{why} Instead: {threads}.',
  'run-again': 'The run was started again.',
  'stored-as-fp16': 'Intermediate results are stored as 16-bit floats (fp16), computed with in 32 bits.',
  'fp16-not-here': "fp16 is for Organscope's own kernels; this provider runs in fp32.",
  'parts-moved':
    '{count, plural, one {A part} other {# parts}} of the network could not share the graphics device with ONNX Runtime ({why}); they run on the CPU, with their values copied there and back.',

  // Memory
  'planned-memory':
    'Planned memory without the network: {total} (class probabilities {probabilities}, scan {scan}, masks {masks}).',
  'planned-graphics-memory': 'Planned graphics memory: {memory}.',
  'graphics-memory-parts':
    '{total} (class probabilities {probabilities} in {bits}-bit numbers, network {network}, scan {scan}, masks and transfers {masks})',
  'ort-takes-more': 'ONNX Runtime takes more for its part of the network.',
  'probabilities-too-large':
    'Segmenting this volume needs {needed} for class probabilities ({size} voxels at a time, {classes} classes), more than this browser gives. Crop the scan to the region of interest.',
  'graphics-memory-budget':
    'Segmenting this volume ({size} voxels, {classes} classes) needs {needs}. Crop the scan to the region of interest, or choose "wasm".',
  'more-than-budget': '{memory} of graphics memory, and Organscope takes at most {budget}',
  'more-than-adapter': 'more graphics memory at a time than this adapter gives',
  'graphics-memory-full':
    'The graphics adapter has no memory left for this volume. {plan} Close other programs, crop the scan, or choose "wasm".',
  'gpu-memory':
    '{happened} Close other tabs and programs that use the graphics processor, choose "wasm", or a smaller model.',
  'no-memory-for': 'The graphics processor has no memory left for {what}.',
  'no-memory-for-size': 'The graphics processor has no memory left for {what}, which needs {size}.',
  'the-network': 'the network',
  'this-computation': 'this computation',
  'gpu-limit':
    'The network needs {needed} of graphics memory in one piece ({label}), and this graphics processor gives at most {most} ({limit}). Choose "wasm", or a model with a smaller patch.',

  // The graphics device
  'no-gpu-device': 'The graphics adapter refused a WebGPU device ({why}). Choose "wasm" to run on the CPU.',
  'gpu-lost': '{happened} Run again; if it happens repeatedly, choose "wasm".',
  'device-lost': 'The graphics device was lost ({why}).',
  'gpu-error': '{happened} Run again; if it happens repeatedly, choose "wasm".',
  'work-refused': 'The graphics device refused a part of the work ({what}), so its results are not used.',
  'shader-invalid': '{happened}\n{why}\n{shader}',
  'does-not-compile': '{label} does not compile.',

  // ONNX Runtime
  'ort-not-started': 'onnxruntime-web could not start with {provider} from {address}: {why}',
  'operator-not-in-ort':
    'The network uses the operator {operator}, which onnxruntime-web does not have on {provider}. Export it again with standard ONNX operators.',
  'model-not-loaded': 'onnxruntime-web cannot load this model with {provider}: {why}',
  'run-failed': 'The model failed on {provider} ({adapter}): {why}',

  // What a network gives
  'output-not-finite':
    'The network\'s output on {provider} ({adapter}) contains NaN or infinity, so no mask was made. Run again with "{other}".',
  'output-constant':
    'The network\'s output on {provider} ({adapter}) is one value everywhere, so no mask was made. Run again with "{other}".',

  // A network and its model.json
  'network-input': 'input',
  'network-output': 'output',
  'model-shape': "The model's {what} is [{shape}], but model.json promises [{promised}]. Export the model again.",
  'network-inputs':
    'The network has {count} inputs ({names}); Organscope feeds one, of shape [1, channels, D, H, W]. Export it with a single input.',
  'network-type':
    'The network\'s {what} "{name}" has ONNX element type {type}; Organscope needs float32 (1). Export it with float32 input and output; the weights may be float16.',
  'network-shape':
    'The network\'s {what} "{name}" is [{shape}], but model.json ({source}) promises [{promised}]. Correct model.json or export the model again.',
  'channels-and-patch': '{count} channels and patchDhw',
  'labels-and-patch': '{count} labels and patchDhw',
  'regions-and-patch': '{count} regions and patchDhw',
  'operator-unsupported':
    'The network uses {count, plural, one {the operator} other {the operators}} {names}, which {count, plural, one {is} other {are}} not part of ONNX and not defined in the file. Export it with standard operators.',
  'resampling-unsupported':
    'This model resamples its probabilities with cubic splines (pipeline.resampling.output has order 3); Organscope does it with order 0 or 1. Change the manifest, or use "python -m unetrpp.predict".',

  // model.onnx
  'onnx-damaged': 'model.onnx ({bytes} bytes) is not a complete ONNX file: {why}. Download or export it again.',
  'record-past-end': 'a record of {length} bytes at {start} runs past the end',
  'record-end': 'a record does not end at {end}',
  'field-past-end': 'a field at {start} runs past the end',
  'not-elements': '{bytes} bytes are not elements of {size}',
  'tensor-length': 'the tensor "{name}" of [{shape}] should hold {count} numbers but holds {held}',
  'no-graph': 'it contains no graph',
  'no-nodes': 'its graph contains no nodes',
  'no-operator-set': 'it names no operator set',
  'onnx-external-data':
    'The weights "{name}" lie in a second file. Export the model again with all weights inside model.onnx.',
  'onnx-tensor-type':
    'The tensor "{name}" has element type {type}, which ONNX does not define. Download or export the model again.',
  'onnx-sparse': 'The model has sparse weights. Export it with dense ones.',

  // Scans
  'channels-missing':
    'This model takes {channels, plural, one {one scan} other {# scans}} ({names}), but there {scans, plural, one {is one} other {are #}}. Open the scans of one patient together, or choose another model.',
  'channel-grids-differ':
    '{channel} ({name}) and {firstChannel} ({first}) are not on the same grid: {difference}. Register them and resample both to one grid first.',
  'grid-too-large':
    "{name} ({size} voxels of {spacing} mm) has {millions} million voxels at this model's {wanted} mm; at most {most} million can be segmented. Check the voxel size, or crop the scan.",
  'not-rgb':
    'This model takes images with values from 0 to 255; this one has values from {low} to {high}. Choose another scan or model.',
  'empty-volume': 'Every voxel of this volume is 0, so there is nothing to segment. Choose a scan with contrast.',
  'nothing-above-zero':
    'No voxel of this volume is above 0 after its intensities were scaled, so there is nothing to segment. Choose a scan of the kind the model was made for.',
  'constant-volume':
    'Every voxel of this volume has the same value ({value}), so there is nothing to segment. Choose a scan with contrast.',
  'constant-foreground':
    'Nearly every voxel above the background has the same value ({value}), so the intensities cannot be scaled. Choose a scan with contrast rather than a mask.',
} as const;
