/** This computer: what runs depend on, how fast it is, what the next run would take, and what would help. */
export const device = {
  'this-computer': 'This computer',
  'device-asking': 'Asking the browser…',
  'device-problem': 'Not everything about this computer could be found out: {why}',
  yes: 'yes',
  no: 'no',
  'not-known': 'not known',

  // Facts
  'graphics-adapter': 'Graphics adapter',
  'adapter-none': 'none given by the browser',
  'webgpu-none': 'this browser has no WebGPU',
  'second-adapter': 'Second adapter',
  'second-adapter-unused': '{adapter}, which saves power; not used',
  'fp16-arithmetic': 'fp16 in shaders',
  'largest-buffer': 'Largest buffer',
  'largest-binding': '{buffer}, of which a kernel sees {binding} at a time',
  'cross-origin-isolated': 'Isolated',
  'wasm-threads': 'WebAssembly',
  'wasm-threads-of': '{count, plural, one {# thread} other {# threads}} of {processors} logical processors',
  'wasm-threads-without-simd': '{threads}, without vector instructions',
  memory: 'Memory',
  'memory-told': '{memory}, as the browser tells it',
  'private-files': 'Keeps models',
  'provider-now': 'A run would use',
  'provider-unknown': 'Not known before this computer has been measured. The first run measures it.',
  'provider-impossible': 'This computer cannot run what is chosen under “Run on”.',

  // Speed
  speed: 'Speed',
  'speed-not-measured': 'Not measured yet.',
  'speed-arithmetic': 'Arithmetic',
  'speed-of-adapter': '{gflops} GFLOP/s (fp32, graphics adapter)',
  'speed-convolution': 'Test convolution',
  'speed-both': 'graphics {gpu}, processor {cpu}',
  'speed-at-least': 'at least {time}',
  'speed-transfer': 'To and from it',
  'speed-transfer-of': '{up} and {down} GB/s',
  'measured-at': 'Measured {date}.',
  measure: 'Measure',
  'measure-again': 'Measure again',
  measuring: 'Measuring: {step}, {done} of {total}',
  'measuring-wait': 'Measuring (waits for a run to end)',
  'measure-arithmetic': 'arithmetic',
  'measure-transfer': 'transfer',
  'measure-gpu': 'graphics adapter',
  'measure-cpu': 'processor',

  // Self-tests
  'self-tests': 'Self-test of the networks',
  'self-tests-explained': 'One window with a known answer, on what a run would use.',
  'test-none': 'not yet',
  'test-passed': 'passed',
  'test-failed': 'failed',
  'test-no-reference': 'brings no known answer',
  'test-error': '{result}, off by {error} of {tolerance} allowed',
  'test-run': 'Test',
  'test-run-of': 'Test {model}',
  testing: 'testing…',

  // The next run
  'next-run': 'The next run',
  'next-run-none': 'Open a scan that the chosen model takes to see what a run would need.',
  'next-run-unknown': 'What {model} takes on this computer is not known yet.',
  'run-windows': '{count, plural, one {# window} other {# windows}}',
  'run-windows-between': '{least} to {most} windows',
  'basis-runs': 'after {count, plural, one {# run} other {# runs}} here',
  'basis-speed': 'from the measured speed alone; no run of this model here yet',
  'last-run': 'The result shown',
  'last-run-took': 'took {took}, predicted {time}{off}',
  'off-times': ', {times} times as long',
  'off-longer': ', {percent} % longer',
  'off-shorter': ', {percent} % shorter',
  'without-download': '{text}, without the download',

  // The line before and after a run
  'time-about': 'about {time}',
  'time-under': 'under {time}',
  'time-between': '{least} to {most}',
  'time-and-memory': '{time} and {memory}',
  'time-and-memory-beside': '{time} and {memory} beside the network',
  'plan-line': '{about} on {adapter}.',
  'plan-line-first': 'First run on this computer: {about} on {adapter}.',
  'plan-line-download': '{line} {bytes} to download.',
  'was-predicted': '(predicted {time})',

  // The report
  'copy-report': 'Copy report',
  'save-report': 'Save report (.json)',
  'report-explained': 'Has nothing about a patient in it: no file names, and of a scan only its rough size.',
  'report-copied': 'Copied.',
  'report-not-copied': 'The browser does not let the page copy. Save the report instead.',

  // Advice
  advice: 'What would help',
  'advice-none': 'Nothing stands out: graphics adapter, threads and storage are as they should be.',
  'advice-no-webgpu':
    'This browser offers no WebGPU, so networks run on the processor. A current Chrome or Edge has it on most computers; the table says what to switch on.',
  'advice-no-adapter':
    'The browser has WebGPU but gives no graphics adapter: graphics acceleration is switched off, the driver is on a block list, or this is a remote or virtual desktop. Update the driver, then follow the table.',
  'advice-software':
    'The browser gives a graphics adapter made of software, which is slower than the processor itself. If this computer has a real one, graphics acceleration is off or its driver is on a block list: update the driver, then follow the table.',
  'advice-weak-graphics':
    'The browser gives the graphics that are built into the processor, and no second adapter. If this computer has a graphics card too, tell the system to use it for the browser (last row of the table), and plug in a laptop.',
  'advice-small-limits':
    'The adapter gives no more memory in one piece than the least that WebGPU allows. Large scans may be refused: update the driver and the browser, or run them on the main processor.',
  'advice-no-fp16':
    'The adapter has no 16-bit numbers (shader-f16). Runs go on in 32 bits, with more memory; a newer driver or browser may bring them.',
  'advice-not-isolated':
    'The page is not cross-origin isolated, so WebAssembly has one thread. Reload the page once; if it stays so, ask whoever runs the server for the headers under “For the IT department”.',
  'advice-no-simd': 'WebAssembly has no vector instructions in this browser. Update it.',
  'advice-little-memory':
    'The browser tells of {memory} of memory. Close other tabs and programs before a large scan, or crop it.',
  'advice-no-private-files':
    'The browser keeps no files for this page (a private window does that), so models may be fetched each time. Use an ordinary window.',
  'where-to-look': 'Where to look',
  'browser-chrome': 'Chrome',
  'browser-edge': 'Edge',
  'browser-firefox': 'Firefox',
  'browser-safari': 'Safari',
  'browser-windows': 'Windows',
  'browser-linux': 'Linux',
  'look-chrome':
    'chrome://settings/system: “Use graphics acceleration when available” on, then restart. chrome://gpu says why WebGPU is off; a driver on the block list is let through by chrome://flags/#enable-unsafe-webgpu. On managed computers the policy HardwareAccelerationModeEnabled must not be off.',
  'look-edge':
    'edge://settings/system: “Use graphics acceleration when available” on, then restart. edge://gpu says why WebGPU is off; edge://flags/#enable-unsafe-webgpu lets a driver on the block list through. On managed computers the policy HardwareAccelerationModeEnabled must not be off.',
  'look-firefox':
    'On by default from version 141 on Windows and 145 on Macs with Apple silicon and macOS 26. Elsewhere about:config, dom.webgpu.enabled: it may still give no adapter. Settings, General, Performance: “Use hardware acceleration when available”.',
  'look-safari':
    'On by default from version 26. In 17 and 18: Settings, Advanced, “Show features for web developers”, then Feature Flags, WebGPU.',
  'look-windows':
    'Settings, System, Display, Graphics: add the browser, Options, “High performance”; restart the browser. Over Remote Desktop there is often no hardware adapter.',
  'look-linux':
    'Chrome and Edge may need a start with --enable-unsafe-webgpu --ozone-platform=x11 --use-angle=vulkan --enable-features=Vulkan,VulkanFromANGLE, and a Vulkan driver.',
} as const;
