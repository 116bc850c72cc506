// @ts-check
/**
 * `npm test`: sets the machine up, runs every gate to its end, then says what failed. The last line counts tests;
 * a gate without tests of its own (lint, types, build) counts as one. A skipped test fails the run.
 * `npm test unit e2e` runs only the named gates; `npm test -- --quick` leaves out whatever takes minutes, and says so.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { outputTurns } from './outputTurns.mjs';
import {
  ensureChromium,
  ensureCompiler,
  ensureFirefox,
  ensureNodeModules,
  ensurePython,
  ensureWebServers,
  root,
  SetupError,
  venvProgram,
} from './setup.mjs';
import { gateCounts, playwrightCounts, pytestCounts, summary, vitestCounts } from './testReports.mjs';

const reports = join(root, '.cache/test-reports');
const bin = (/** @type {string} */ name) => join(root, 'node_modules/.bin', name);

/**
 * @typedef {import('./testReports.mjs').Counts} Counts
 * @typedef {object} Gate
 * @property {string} name
 * @property {string} [leavesOut] what is not run of it here
 * @property {(() => void)[]} setup all of them before the first gate starts
 * @property {string[][]} commands
 * @property {boolean} [first] these begin, one after another, since they take longest; the others are taken in turn by
 *   whichever of two lanes is free. No gate alone keeps two cores busy
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {{ file: string, read: (report: string) => Counts }} [report]
 */

/** @param {string} name @param {...string} args @returns {Pick<Gate, 'name' | 'commands' | 'report'>} */
function vitest(name, ...args) {
  const file = join(reports, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  return {
    name,
    commands: [[bin('vitest'), 'run', '--allowOnly=false', ...reporters, ...args]],
    report: { file, read: vitestCounts },
  };
}

/** @param {...string} args of pytest @returns {Gate} */
function python(...args) {
  const file = join(reports, 'pytest.xml');
  return {
    name: 'python',
    setup: [ensurePython, ensureCompiler],
    commands: [
      [venvProgram('ruff'), 'check', '.'],
      [venvProgram('python'), '-m', 'pytest', '-q', `--junitxml=${file}`, ...args],
    ],
    cwd: 'scripts/export-onnx',
    report: { file, read: pytestCounts },
  };
}

/** @type {Gate} */
const lint = { name: 'lint', setup: [ensureNodeModules], commands: [[bin('biome'), 'check', '.']] };
/** Circles of imports, and imports that climb from room to room (biome.rooms.json). @type {Gate} */
const circles = { name: 'circles', setup: [ensureNodeModules], commands: [['npm', 'run', '--silent', 'test:circles']] };
/** @type {Gate} */
const types = { name: 'types', setup: [ensureNodeModules], commands: [[bin('tsc'), '--noEmit']] };

/** @type {Gate[]} */
const gates = [
  lint,
  circles,
  types,
  { ...vitest('unit', '--project=unit', '--project=gpu'), setup: [ensureNodeModules, ensureChromium] },
  { ...vitest('components', '--project=components'), setup: [ensureNodeModules, ensureChromium] },
  {
    ...vitest('parity', '--config=parity/vitest.config.ts'),
    setup: [ensureNodeModules, ensureChromium, ensurePython],
  },
  python(),
  { name: 'build', first: true, setup: [ensureNodeModules], commands: [[bin('vite'), 'build']] },
  {
    ...vitest('firefox', '--config=firefox/vitest.config.ts'),
    first: true,
    setup: [ensureNodeModules, ensureFirefox, ensureChromium],
  },
  {
    name: 'e2e',
    first: true,
    setup: [ensureNodeModules, ensureChromium, ensurePython, ensureWebServers],
    commands: [[bin('playwright'), 'test', '--forbid-only', '--reporter=list,json']],
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: join(reports, 'playwright.json') },
    report: { file: join(reports, 'playwright.json'), read: playwrightCounts },
  },
];

/** For the inner loop: three minutes on two cores. @type {Gate[]} */
const quickGates = [
  lint,
  circles,
  types,
  {
    ...vitest('unit', '--project=unit'),
    setup: [ensureNodeModules],
    leavesOut: 'every test on a graphics device (*.gpu.test.ts)',
  },
  { ...python('-m', 'not slow'), first: true, leavesOut: 'tests of Python that are marked slow' },
];

/**
 * Everything that the gates need, each once.
 * @param {Gate[]} wanted
 * @returns {Map<() => void, string>} what is missing, by the step that could not get it
 */
function setUp(wanted) {
  const missing = new Map();
  for (const step of new Set(wanted.flatMap(({ setup }) => setup))) {
    try {
      step();
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      missing.set(step, error.message);
    }
  }
  return missing;
}

/**
 * Two gates share the machine. PyTorch's threads wait for each other in a loop: where one finds its core taken, a test
 * with as many threads as cores takes seven times the CPU seconds.
 */
const threads = process.env.OMP_NUM_THREADS ?? String(Math.max(1, availableParallelism() >> 1));

/**
 * @param {string[]} command
 * @param {Gate} gate
 * @param {import('./outputTurns.mjs').Output} output
 * @returns {Promise<boolean>} whether it exited with 0
 */
function run([command, ...args], { cwd = '.', env }, output) {
  const child = spawn(command, args, {
    cwd: join(root, cwd),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, OMP_NUM_THREADS: threads, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}), ...env },
    shell: process.platform === 'win32',
  });
  child.stdout.on('data', output.write);
  child.stderr.on('data', output.write);
  return new Promise((resolve) => {
    child.on('error', (error) => {
      output.write(`${error.message}\n`);
      resolve(false);
    });
    child.on('close', (code) => resolve(code === 0));
  });
}

/**
 * Runs one gate to its end.
 * @param {Gate} gate
 * @param {string[]} missing sentences of its setup; with one it fails without being run
 * @param {import('./outputTurns.mjs').Output} output
 * @returns {Promise<import('./testReports.mjs').GateResult>}
 */
async function runGate(gate, missing, output) {
  const start = performance.now();
  let clean = missing.length === 0;
  for (const sentence of missing) output.write(`${sentence}\n`);
  if (clean) for (const command of gate.commands) clean = (await run(command, gate, output)) && clean;
  /** @type {Counts | null} */
  let counts = null;
  try {
    if (gate.report) counts = gate.report.read(readFileSync(gate.report.file, 'utf8'));
  } catch {
    clean = false; // the runner died before it could write its report
  }
  output.end();
  const seconds = (performance.now() - start) / 1000;
  return { name: gate.name, seconds, ...gateCounts(counts, clean, gate.report !== undefined) };
}

const quick = process.argv.includes('--quick');
const choice = quick ? quickGates : gates;
const named = process.argv.slice(2).filter((argument) => argument !== '--quick');
const unknown = named.find((name) => !choice.some((gate) => gate.name === name));
if (unknown) {
  console.error(`There is no gate "${unknown}"; there are ${choice.map((gate) => gate.name).join(', ')}.`);
  process.exit(2);
}
const wanted = choice.filter((gate) => named.length === 0 || named.includes(gate.name));

// Reports of an earlier run must not be counted for a runner that dies in this one.
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

console.log('=== setup ===');
const missing = setUp(wanted);
for (const sentence of missing.values()) console.error(sentence);
const open = outputTurns((chunk) => process.stdout.write(chunk));
/** @type {Map<Gate, import('./testReports.mjs').GateResult>} */
const results = new Map();
const queue = [wanted.filter(({ first }) => first), ...wanted.filter(({ first }) => !first).map((gate) => [gate])];
const lane = async () => {
  for (let next = queue.shift(); next; next = queue.shift()) {
    for (const gate of next) {
      const own = gate.setup.flatMap((step) => missing.get(step) ?? []);
      results.set(gate, await runGate(gate, own, open(gate.name)));
    }
  }
};
await Promise.all([lane(), lane()]);
const { text, ok } = summary(wanted.flatMap((gate) => results.get(gate) ?? []));
console.log('\n=== summary ===');
if (quick) {
  const parts = wanted.flatMap(({ leavesOut }) => leavesOut ?? []);
  const whole = gates.filter(({ name }) => !quickGates.some((gate) => gate.name === name)).map(({ name }) => name);
  console.log(
    `--quick left out: ${[...parts, `the gates ${whole.join(', ')}`].join('; ')}. npm test runs all of them.`,
  );
}
console.log(text);
process.exitCode = ok ? 0 : 1;
