import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { usesIn } from '../testing/messageUses';
import { namesIn } from '../testing/placeholders';
import { en, type MessageCode } from './en';

const src = new URL('..', import.meta.url).pathname;

/** Functions that take any code, by where they are. */
const ANY_CODE: readonly string[] = ['core/errors.ts', 'core/messages.ts', 'locales/say.ts'];

const paths = (readdirSync(src, { recursive: true }) as string[]).filter(
  (path) => /\.tsx?$/.test(path) && !/\.(test|test-d|reference)\.tsx?$|^testing\/|^locales\/en\//.test(path),
);
const sources = paths.map((path) => ({ path, ...usesIn(path, readFileSync(`${src}${path}`, 'utf8')) }));
const uses = sources
  .filter(({ path }) => !ANY_CODE.includes(path))
  .flatMap(({ path, uses }) => uses.map((use) => ({ ...use, where: `src/${path}:${use.line}` })));

describe('codes', () => {
  it('are written out wherever a message is made', () => {
    expect(uses.filter(({ codes }) => codes === null).map(({ where }) => where)).toEqual([]);
  });

  it('have a sentence each', () => {
    const unknown = uses.flatMap(({ where, codes }) =>
      (codes ?? []).filter((code) => !Object.hasOwn(en, code)).map((code) => `${where} ${code}`),
    );
    expect(unknown).toEqual([]);
  });

  it('are unique over the files of a language', () => {
    const files = import.meta.glob('./en/*.ts', { eager: true });
    const all = Object.entries(files)
      .filter(([path]) => path !== './en/index.ts')
      .flatMap(([, file]) => Object.values(file as Readonly<Record<string, object>>).flatMap(Object.keys));
    expect(all.filter((code, at) => all.indexOf(code) !== at)).toEqual([]);
    expect(all.sort()).toEqual(Object.keys(en).sort());
  });
});

describe('sentences', () => {
  it('are used each', () => {
    const used = new Set(sources.flatMap(({ uses }) => uses.flatMap(({ codes }) => codes ?? [])));
    expect(Object.keys(en).filter((code) => !used.has(code))).toEqual([]);
  });

  it('get the parameters that they name, and no others', () => {
    const wrong = uses.flatMap(({ where, codes, parameters, isOpen }) =>
      (codes ?? []).flatMap((code) => {
        if (!parameters || !Object.hasOwn(en, code)) return [];
        const named = namesIn(en[code as MessageCode]);
        const fits = isOpen
          ? parameters.every((name) => named.includes(name))
          : String([...parameters].sort()) === String(named);
        return fits ? [] : [`${where} ${code}: {${parameters}} for a sentence of {${named}}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('are nowhere written into an error', () => {
    expect(uses.filter(({ isText }) => isText).map(({ where }) => where)).toEqual([]);
    const spoken = sources.flatMap(({ path, spokenErrors }) => spokenErrors.map((line) => `src/${path}:${line}`));
    expect(spoken).toEqual([]);
  });
});
