// @ts-check
/** Finds the Chromium or Chrome that drives the end-to-end tests and the command line. No dependencies. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const commands = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** @returns {string[]} every place worth looking, best first */
function candidates() {
  const onPath = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const found = commands.flatMap((command) => onPath.map((folder) => join(folder, command)));
  if (process.platform === 'darwin') {
    for (const app of ['Google Chrome', 'Chromium', 'Microsoft Edge']) {
      found.push(`/Applications/${app}.app/Contents/MacOS/${app}`);
    }
  }
  if (process.platform === 'win32') {
    for (const root of [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]) {
      if (!root) continue;
      found.push(join(root, 'Google/Chrome/Application/chrome.exe'));
      found.push(join(root, 'Chromium/Application/chrome.exe'));
      found.push(join(root, 'Microsoft/Edge/Application/msedge.exe'));
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
 * The browser to use: $CHROMIUM when set, else the first one installed.
 * @returns {string | null} absolute path, null when there is none
 * @throws when $CHROMIUM is set but is not an executable file
 */
export function findChromium() {
  const chosen = process.env.CHROMIUM;
  if (chosen) {
    if (isExecutable(chosen)) return chosen;
    throw new Error(`CHROMIUM is set to ${chosen}, which is not an executable file. Correct it or unset it.`);
  }
  return candidates().find(isExecutable) ?? null;
}

/**
 * Switches that give WebGPU on a machine without a graphics card, and no network traffic of the browser's own.
 * @returns {string[]}
 */
export function softwareGpuArgs() {
  return [
    // Chromium refuses its sandbox to root, which is who runs in a container.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-default-apps',
    '--disable-sync',
    '--no-first-run',
  ];
}
