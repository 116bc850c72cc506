// @ts-check
/**
 * What `npm start` and `npm test` need before they can work, done on demand: npm packages, a browser, a Python
 * environment. Plain Node without dependencies, since it runs before anything is installed.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './chromium.mjs';

/** Absolute path of the project. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** torch is pinned: the exported network is compared with what this version computes. */
const TORCH = 'torch==2.13.0';

/** Something the user must do; printed without a stack. */
export class SetupError extends Error {}

/**
 * Runs a command in the project folder with its output shown.
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
function run(command, args, env = process.env) {
  console.log(`$ ${command} ${args.join(' ')}`);
  const shell = process.platform === 'win32';
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env, shell });
  if (error || status !== 0) {
    throw new SetupError(`"${command} ${args.join(' ')}" failed (${error?.message ?? `exit ${status}`}).`);
  }
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
  run('npm', ['ci', '--no-audit', '--no-fund']);
  writeFileSync(stamp, hash);
}

/**
 * The browser for the end-to-end tests, installed where that is possible without asking.
 * @returns {string} absolute path
 */
export function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update'], env);
    run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], env);
    const installed = findChromium();
    if (installed) return installed;
  }
  throw new SetupError(
    'The browser tests need Chromium or Chrome and none was found. Install one, or set CHROMIUM to its path.',
  );
}

/** @returns {string} a Python >= 3.11 command */
function findPython() {
  for (const command of ['python3.11', 'python3', 'python']) {
    try {
      const code = 'import sys; print(sys.version_info >= (3, 11))';
      if (
        execFileSync(command, ['-c', code], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() === 'True'
      ) {
        return command;
      }
    } catch {
      // not installed: try the next name
    }
  }
  throw new SetupError('The exporter tests need Python 3.11 or newer and none was found. Install it from python.org.');
}

/** @param {string} name @returns {string} path of a program inside the virtual environment */
export function venvProgram(name) {
  return process.platform === 'win32' ? join(root, '.venv/Scripts', `${name}.exe`) : join(root, '.venv/bin', name);
}

/** Makes .venv with torch and the exporter in it; again whenever scripts/export-onnx/pyproject.toml has changed. */
export function ensurePython() {
  const project = join(root, 'scripts/export-onnx/pyproject.toml');
  if (!existsSync(project)) throw new SetupError('scripts/export-onnx/pyproject.toml is missing.');
  const stamp = join(root, '.venv/organscope-stamp');
  const hash = createHash('sha256').update(TORCH).update(readFileSync(project)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  if (!existsSync(venvProgram('python'))) run(findPython(), ['-m', 'venv', '.venv']);
  run(venvProgram('python'), ['-m', 'pip', 'install', '--quiet', TORCH]);
  run(venvProgram('python'), ['-m', 'pip', 'install', '--quiet', '-e', 'scripts/export-onnx[dev]']);
  mkdirSync(join(root, '.venv'), { recursive: true });
  writeFileSync(stamp, hash);
}
