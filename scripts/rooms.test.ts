import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { root } from './setup.mjs';

/** An empty house with the rules of ours: what is written there is in nobody's way who reads our sources meanwhile. */
const house = mkdtempSync(join(tmpdir(), 'rooms-test-'));
for (const rules of ['biome.json', 'biome.rooms.json']) copyFileSync(join(root, rules), join(house, rules));
afterAll(() => rmSync(house, { recursive: true, force: true }));

function folderIn(room: string): string {
  mkdirSync(join(house, 'src', room), { recursive: true });
  return mkdtempSync(join(house, 'src', room, 'one-more-'));
}

/** What the gate says of a folder. */
function circlesIn(folder: string): { status: number | null; said: string } {
  const only = ['suspicious/noImportCycles', 'style/noRestrictedImports', 'style/noRestrictedGlobals'];
  const biome = join(root, 'node_modules/.bin/biome');
  const { status, stdout, stderr } = spawnSync(biome, ['lint', ...only.map((rule) => `--only=${rule}`), folder], {
    cwd: house,
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}

describe('the rooms of the house', () => {
  it.each([
    ['viewer', "import type { App } from '../../state/app';\nexport type Above = App;\n", 'viewer/ may import'],
    [
      'inference',
      "import { Viewport } from '../../viewer/viewport/viewport';\nexport const above = Viewport;\n",
      'inference/ may import',
    ],
    ['state', "import { say } from '../../locales/say';\nexport const said = say;\n", 'state/ may import'],
    ['study', "import { useState } from 'react';\nexport const use = useState;\n", 'study/ may import'],
    ['state', "import { z } from 'zod';\nexport const name = z.string();\n", 'Import z from models/zod.ts'],
    ['volume', 'export const width = window.innerWidth;\n', 'know neither DOM nor GPU'],
    [
      'files',
      "import { randomEpa } from '../../testing/randomEpa';\nexport const helper = randomEpa;\n",
      'files/ may import',
    ],
  ])('%s/ is refused what is not below it', (room, source, said) => {
    const folder = folderIn(room);
    writeFileSync(join(folder, 'above.ts'), source);
    const found = circlesIn(folder);
    expect(found.said).toContain(said);
    expect(found.status).toBe(1);
  });

  it('have no circle of imports, of types neither', () => {
    const folder = folderIn('study');
    writeFileSync(join(folder, 'one.ts'), "import type { Two } from './two';\nexport type One = Two | null;\n");
    writeFileSync(join(folder, 'two.ts'), "import type { One } from './one';\nexport interface Two { one: One }\n");
    const found = circlesIn(folder);
    expect(found.said).toContain('part of a cycle');
    expect(found.status).toBe(1);
  });

  it('may import what is below them', () => {
    const folder = folderIn('viewer');
    writeFileSync(
      join(folder, 'below.ts'),
      "import type { Grid } from '../../volume/grid';\nexport type Below = Grid;\n",
    );
    expect(circlesIn(folder).status).toBe(0);
  });
});
