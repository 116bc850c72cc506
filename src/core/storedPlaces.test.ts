import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PLACES } from './storedPlaces';

const src = new URL('..', import.meta.url).pathname;
const sources = (readdirSync(src, { recursive: true }) as string[])
  .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$|^testing\//.test(path))
  .map((path) => ({ path, text: readFileSync(`${src}${path}`, 'utf8') }));

/** Calls that open a place by name, and what they may be given. */
const OPENING = /(?:caches\??\.(?:open|delete)|localStorage\.\w+|getDirectoryHandle)\(\s*([^,)]*)/g;
/** The table's names; `place.name` where the table is walked. */
const FROM_TABLE = /^(?:PLACES\.\w+\.name|place\.name)$/;
const ELSEWHERE = /\b(?:sessionStorage|indexedDB|document\.cookie|cookieStore|localStorage\[)/;

/** Uses of storage in a source that do not take their name from the table. */
function strays(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const named = [...code.matchAll(OPENING)].filter(([, name]) => !FROM_TABLE.test(name.trim())).map(([call]) => call);
  return [...named, ...(code.match(ELSEWHERE) ?? [])];
}

describe('what is stored in the browser', () => {
  it('is stored in places of the table alone', () => {
    expect(sources.flatMap(({ path, text }) => strays(text).map((call) => `${path}: ${call}`))).toEqual([]);
  });

  it('would be found elsewhere', () => {
    expect(strays("await caches.open('x')")).toHaveLength(1);
    expect(strays("globalThis.caches?.open('x')")).toHaveLength(1);
    expect(strays("localStorage.setItem('organscope.y', value)")).toHaveLength(1);
    expect(strays("root.getDirectoryHandle('y', { create: true })")).toHaveLength(1);
    expect(strays("sessionStorage.setItem(PLACES.chosenModel.name, 'y')")).toHaveLength(1);
    expect(strays('caches.open(PLACES.models.name)')).toEqual([]);
  });

  it('is what docs/deployment.md says', () => {
    const docs = readFileSync(new URL('../docs/deployment.md', `file://${src}`), 'utf8');
    const table = docs.slice(docs.indexOf('## What is stored'), docs.indexOf('There are no cookies'));
    const said = [...table.matchAll(/`(organscope[^`]*)`/g)].map(([, name]) => name.replace('…', ''));
    expect([...said].sort()).toEqual(
      Object.values(PLACES)
        .map(({ name }) => name)
        .sort(),
    );
  });

  it('has one place for each name', () => {
    const names = Object.values(PLACES).map(({ kind, name }) => `${kind === 'caches' ? 'cache' : kind} ${name}`);
    expect(new Set(names).size).toBe(names.length);
  });
});
