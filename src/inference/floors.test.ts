import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const room = fileURLToPath(new URL('.', import.meta.url));

/** From the ground up, as README.md draws them: a file imports its own folder and floors below, never a neighbour's. */
const FLOORS: readonly (readonly string[])[] = [
  ['protocol.ts'],
  ['gpu'],
  ['network/onnx', 'network/kernels', 'network/ort'],
  ['network/engine'],
  ['windows/geometry'],
  ['windows'],
  ['schemes'],
  ['windows/cpu', 'windows/gpu'],
  ['job'],
  ['serve.ts'],
  ['worker.ts', 'client.ts'],
];

/** The longest name in FLOORS that a path begins with, and its floor. */
function placeOf(path: string): { readonly name: string; readonly floor: number } {
  const names = FLOORS.flat().sort((a, b) => b.length - a.length);
  const name = names.find((known) => path === known || path.startsWith(`${known}/`));
  if (!name) throw new Error(`${path} is on no floor.`);
  return { name, floor: FLOORS.findIndex((floor) => floor.includes(name)) };
}

const files = readdirSync(room, { recursive: true, encoding: 'utf8' })
  .map((path) => path.split(sep).join('/'))
  .filter((path) => path.endsWith('.ts') && !/\.(test|reference)\.ts$/.test(path));

it('no import in this room climbs, nor goes to a neighbour', () => {
  const climbs = files.flatMap((path) => {
    const from = placeOf(path);
    const imports = [...readFileSync(join(room, path), 'utf8').matchAll(/from '(\.[^'?]+)'/g)];
    return imports.flatMap(([, specifier]) => {
      const target = relative(room, join(room, dirname(path), specifier))
        .split(sep)
        .join('/');
      if (target.startsWith('..')) return [];
      const to = placeOf(/\.\w+$/.test(target) ? target : `${target}.ts`);
      return to.name === from.name || to.floor < from.floor ? [] : [`${path} -> ${target}`];
    });
  });
  expect(files.length).toBeGreaterThan(80);
  expect(climbs).toEqual([]);
});
