/** The portable zip as somebody unpacks and starts it on Linux, for tests. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../freePort.mjs';

/** Unpacks with permissions, which Python's zipfile leaves out when left alone. */
const UNPACK = `import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    for entry in archive.infolist():
        os.chmod(archive.extract(entry, sys.argv[2]), entry.external_attr >> 16 & 0o777)`;

/** @param place a folder that may not be there yet @returns it */
export function unpack(zip: Uint8Array, place: string): string {
  mkdirSync(place, { recursive: true });
  const file = join(place, 'it.zip');
  writeFileSync(file, zip);
  execFileSync('python3', ['-c', UNPACK, file, place]);
  return place;
}

/** A PATH with what the starter needs and this interpreter alone, as a folder in another one. */
function pathWith(interpreter: string, place: string): string {
  const folder = mkdtempSync(join(place, 'path-'));
  for (const command of ['sh', 'dirname', 'uname', interpreter]) {
    const found = ['/usr/bin', '/usr/local/bin', '/bin'].map((place) => join(place, command)).find(existsSync);
    if (!found) throw new Error(`${command} is missing in /usr/bin, /usr/local/bin and /bin.`);
    symlinkSync(found, join(folder, command));
  }
  return folder;
}

/**
 * Starts it by its starter, without a browser, and waits until it says where it is.
 * @param top the unpacked folder
 * @param interpreter the only one that the starter finds
 */
export async function startPortable(top: string, interpreter: 'python3' | 'perl', port?: number) {
  const args = ['--no-browser', `--port=${port ?? (await freePort(17600))}`];
  const child = spawn(join(top, 'start-organscope.sh'), args, {
    env: { PATH: pathWith(interpreter, join(top, '..')) },
    cwd: tmpdir(),
  });
  let said = '';
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const address = await new Promise<RegExpExecArray>((resolve, reject) => {
    const hear = (text: Buffer) => {
      said += text;
      const found = /running: (http:\/\/127\.0\.0\.1:(\d+)\/)\n/.exec(said);
      if (found) resolve(found);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', reject);
    child.once('close', () => reject(new Error(`It ended: ${said}`)));
  });
  return {
    url: address[1],
    port: Number(address[2]),
    said: () => said,
    stop: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
}
