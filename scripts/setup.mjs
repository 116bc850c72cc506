// @ts-check
/**
 * What `npm start`, `npm test` and the other commands need before they can work, done on demand: npm packages, a browser,
 * a Python environment. Plain Node without dependencies, since it runs before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './chromium.mjs';
import { findFirefox } from './firefox.mjs';

/** Absolute path of the project. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** torch is pinned: the exported network is compared with what this version computes. */
const TORCH = 'torch==2.13.0';

/** Something the user must do; printed without a stack. */
export class SetupError extends Error {}

/**
 * The machine as the setup sees it; tests give one of their own.
 * @typedef {object} Machine
 * @property {(command: string, args: string[], env?: NodeJS.ProcessEnv) => void} run shows the output; throws SetupError
 * @property {(command: string, args: string[]) => string | null} ask what the command prints; null when it fails
 * @property {() => boolean} hasApt whether apt-get is there and may install
 * @property {() => string | null} findChromium
 * @property {() => string | null} findFirefox
 * @property {(browser: string) => boolean} starts whether the browser can be started
 */

const windows = process.platform === 'win32';

/** @type {Machine} */
const thisMachine = {
  run(command, args, env = process.env) {
    console.log(`$ ${command} ${args.join(' ')}`);
    const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env, shell: windows });
    if (error || status !== 0) {
      throw new SetupError(`"${command} ${args.join(' ')}" failed (${error?.message ?? `exit ${status}`}).`);
    }
  },
  ask(command, args) {
    const { status, stdout } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
    return status === 0 ? stdout.trim() : null;
  },
  hasApt: () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get'),
  findChromium,
  findFirefox,
  // Chrome for Windows does not print its version: it opens a window.
  starts: (browser) => windows || thisMachine.ask(browser, ['--version']) !== null,
};

/**
 * Installs Debian packages where that is possible without asking.
 * @param {Machine} machine
 * @param {string[]} packages
 * @param {string} problem a sentence: what is missing and who needs it
 * @param {string} remedy a sentence: what the user can do where it is not possible
 * @throws {SetupError} with both sentences
 */
function aptInstall(machine, packages, problem, remedy) {
  let reason = '';
  if (machine.hasApt()) {
    try {
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      machine.run('apt-get', ['update'], env);
      machine.run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], env);
      return;
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      reason = ` ${error.message}`;
    }
  }
  throw new SetupError(
    `${problem}${reason} ${remedy} On Debian and Ubuntu: sudo apt-get install ${packages.join(' ')}`,
  );
}

/** Installs the npm packages when they are missing or older than package-lock.json. */
export function ensureNodeModules() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(
      `Organscope needs Node 20.19 or newer, this is ${process.version}. Install it from nodejs.org.`,
    );
  }
  const installed = join(root, 'node_modules/.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  // A checkout can touch the lock file without changing it: npm's own stamp says what is really installed.
  const stamp = join(root, 'node_modules/.organscope-lock');
  const hash = createHash('sha256').update(readFileSync(lock)).digest('hex');
  if (existsSync(installed) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  thisMachine.run('npm', ['ci', '--no-audit', '--no-fund']);
  writeFileSync(stamp, hash);
}

/**
 * The browser that runs the command line, the end-to-end tests and, with its SwiftShader, every test of a kernel;
 * installed where that is possible without asking.
 * @param {Machine} [machine]
 * @returns {string} absolute path
 * @throws {SetupError} a sentence with what to do
 */
export function ensureChromium(machine = thisMachine) {
  const found = machine.findChromium();
  if (found && machine.starts(found)) return found;
  const problem = `The tests and the command line need Chromium or Chrome, and ${found ? `${found} does not start` : 'none was found'}.`;
  const remedy = 'Install one, or set CHROMIUM to its path.';
  if (process.env.CHROMIUM) throw new SetupError(`${problem} Correct CHROMIUM, or unset it.`);
  // What is there but does not start has lost files of its own or of the package that it shares with others.
  aptInstall(machine, found ? ['--reinstall', 'chromium', 'chromium-common'] : ['chromium'], problem, remedy);
  const installed = machine.findChromium();
  if (installed && machine.starts(installed)) return installed;
  throw new SetupError(`${problem} apt-get installed its package chromium, but that was no help. ${remedy}`);
}

/**
 * Firefox, and on Linux the X server without which it has no WebGL.
 * @param {Machine} [machine]
 * @param {string} [platform] as process.platform
 * @throws {SetupError} a sentence with what to do
 */
export function ensureFirefox(machine = thisMachine, platform = process.platform) {
  const found = machine.findFirefox();
  const starts = found !== null && machine.starts(found);
  const hasScreen = platform !== 'linux' || machine.ask('which', ['Xvfb']) !== null;
  if (starts && hasScreen) return;
  const missing = [...(starts ? [] : ['Firefox']), ...(hasScreen ? [] : ['Xvfb'])].join(' and ');
  const packages = [...(starts ? [] : ['firefox-esr', 'libegl1']), ...(hasScreen ? [] : ['xvfb'])];
  const problem = `The test in Firefox misses ${missing}.`;
  const remedy = 'Install what is missing; a Firefox elsewhere is found by FIREFOX, its path.';
  if (process.env.FIREFOX && !starts) throw new SetupError(`${problem} Correct FIREFOX, or unset it.`);
  aptInstall(machine, packages, problem, remedy);
  const installed = machine.findFirefox();
  if (!installed || !machine.starts(installed)) {
    throw new SetupError(`${problem} apt-get installed ${packages.join(' and ')}, but that was no help. ${remedy}`);
  }
}

/** @param {Machine} machine @returns {string | null} a Python >= 3.11 command */
function findPython(machine) {
  const code = 'import sys; print(sys.version_info >= (3, 11))';
  return ['python3.11', 'python3', 'python'].find((command) => machine.ask(command, ['-c', code]) === 'True') ?? null;
}

/** @param {string} name @returns {string} path of a program inside the virtual environment */
export function venvProgram(name) {
  return windows ? join(root, '.venv/Scripts', `${name}.exe`) : join(root, '.venv/bin', name);
}

/**
 * Makes .venv, with pip in it.
 * @param {Machine} [machine]
 * @throws {SetupError} a sentence with what to do
 */
export function ensureVenv(machine = thisMachine) {
  // An attempt without ensurepip leaves a Python without pip behind.
  if (machine.ask(venvProgram('python'), ['-m', 'pip', '--version']) !== null) return;
  const problem = 'The tests need Python 3.11 or newer, and none was found.';
  const remedy = 'Install it, or get it from python.org.';
  if (!findPython(machine)) aptInstall(machine, ['python3', 'python3-venv'], problem, remedy);
  const python = findPython(machine);
  if (!python) throw new SetupError(`${problem} apt-get has only an older one. ${remedy}`);
  // Debian's Python has no ensurepip: that is in a package of its own.
  if (machine.ask(python, ['-c', 'import ensurepip, venv']) === null) {
    const needs = `${python} cannot make a virtual environment: its module venv or ensurepip is missing.`;
    aptInstall(machine, [`${versioned(machine, python)}-venv`], needs, 'Install it.');
  }
  machine.run(python, ['-m', 'venv', '.venv']);
}

/** @param {Machine} machine @param {string} python @returns {string} e.g. 'python3.11', as Debian names its packages */
function versioned(machine, python) {
  return machine.ask(python, ['-c', 'import sys; print("python%d.%d" % sys.version_info[:2])']) ?? python;
}

/**
 * The web servers with which the examples of hosting/ are tested.
 * @param {Machine} [machine]
 * @throws {SetupError} a sentence with what to do
 */
export function ensureWebServers(machine = thisMachine) {
  // An ordinary user's PATH has no /usr/sbin.
  const has = (/** @type {string[]} */ ...commands) =>
    commands.some((command) => machine.ask(command, ['-v']) !== null);
  const packages = [
    ...(has('nginx', '/usr/sbin/nginx') ? [] : ['nginx-light']),
    ...(machine.ask('caddy', ['version']) === null ? ['caddy'] : []),
  ];
  if (packages.length === 0) return;
  const problem = `The tests serve the page with the examples in hosting/ and miss ${packages.join(' and ')}.`;
  aptInstall(machine, packages, problem, 'Install nginx and Caddy.');
}

/**
 * A C++ compiler and Python's headers, with which TorchInductor compiles parts of a training step.
 * @param {Machine} [machine]
 * @param {string} [platform] as process.platform
 * @throws {SetupError} a sentence with what to do
 */
export function ensureCompiler(machine = thisMachine, platform = process.platform) {
  if (platform !== 'linux') return; // TorchInductor uses the system's own and says what it misses
  const python = venvProgram('python');
  const headers =
    'import os, sysconfig; print(os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))';
  const packages = [
    ...(machine.ask(process.env.CXX ?? 'g++', ['--version']) === null ? ['g++'] : []),
    ...(machine.ask(python, ['-c', headers]) === 'True' ? [] : [`${versioned(machine, python)}-dev`]),
  ];
  if (packages.length === 0) return;
  const problem = `The tests compile parts of a training step and miss ${packages.join(' and ')}.`;
  aptInstall(machine, packages, problem, "Install a C++ compiler and Python's headers.");
}

/** Makes .venv with torch and the exporter in it; again whenever scripts/export-onnx/pyproject.toml has changed. */
export function ensurePython() {
  const project = join(root, 'scripts/export-onnx/pyproject.toml');
  if (!existsSync(project)) throw new SetupError('scripts/export-onnx/pyproject.toml is missing.');
  const stamp = join(root, '.venv/organscope-stamp');
  const hash = createHash('sha256').update(TORCH).update(readFileSync(project)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  ensureVenv();
  thisMachine.run(venvProgram('python'), ['-m', 'pip', 'install', '--quiet', TORCH]);
  thisMachine.run(venvProgram('python'), ['-m', 'pip', 'install', '--quiet', '-e', 'scripts/export-onnx[dev]']);
  mkdirSync(join(root, '.venv'), { recursive: true });
  writeFileSync(stamp, hash);
}
