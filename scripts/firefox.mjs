// @ts-check
/** Finds the Firefox of the gate `firefox` and gives it a screen. No dependencies. */
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The long-term release first: it is what hospitals install, and Debian. */
const commands = ['firefox-esr', 'firefox'];

/** @returns {string[]} every place worth looking, best first */
function candidates() {
  const onPath = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const found = commands.flatMap((command) => onPath.map((folder) => join(folder, command)));
  if (process.platform === 'darwin') found.push('/Applications/Firefox.app/Contents/MacOS/firefox');
  if (process.platform === 'win32') {
    for (const root of [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)']]) {
      if (root) found.push(join(root, 'Mozilla Firefox/firefox.exe'));
    }
  }
  return found;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * The browser to use: $FIREFOX when set, else the first one installed.
 * @returns {string | null} absolute path, null when there is none
 * @throws when $FIREFOX is set but is not an executable file
 */
export function findFirefox() {
  const chosen = process.env.FIREFOX;
  if (chosen) {
    if (isExecutable(chosen)) return chosen;
    throw new Error(`FIREFOX is set to ${chosen}, which is not an executable file. Correct it or unset it.`);
  }
  return candidates().find(isExecutable) ?? null;
}

/**
 * A screen that nobody sees: on Linux, Firefox has WebGL only where there is an X server, without a window too.
 * @returns {Promise<{ env: NodeJS.ProcessEnv, close: () => void }>} what the browser's environment needs
 * @throws when Xvfb cannot be started
 */
export async function unseenScreen() {
  if (process.platform !== 'linux') return { env: {}, close: () => {} };
  const server = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1920x1080x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const number = await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`Xvfb ended with exit ${code}.`)));
    server.stdout.once('data', (line) => resolve(String(line).trim()));
  });
  return { env: { DISPLAY: `:${number}` }, close: () => void server.kill() };
}
