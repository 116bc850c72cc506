import { describe, expect, it } from 'vitest';
import { usesIn } from './messageUses';

const used = (source: string) => usesIn('a.tsx', source).uses.map(({ line, ...use }) => use);

describe('usesIn', () => {
  it('finds messages, sentences and errors with the names of their parameters', () => {
    const source = "message('a', { count, 'name': 1 }); t('b'); <p>{say({ code: 'c', parameters: { x } })}</p>;";
    expect(used(source)).toEqual([
      { by: 'message', codes: ['a'], parameters: ['count', 'name'], isOpen: false, isText: false },
      { by: 't', codes: ['b'], parameters: [], isOpen: false, isText: false },
      { by: 'say', codes: ['c'], parameters: ['x'], isOpen: false, isText: false },
    ]);
    expect(used("throw new ModelError('d', {} as const, { cause })")).toMatchObject([
      { by: 'ModelError', codes: ['d'], parameters: [] },
    ]);
  });

  it('finds the code of a class of its own', () => {
    expect(used("class E extends AppError { constructor() { super('e'); } }")).toMatchObject([
      { by: 'super', codes: ['e'] },
    ]);
  });

  it('follows a condition, and says of other codes that they are not written out', () => {
    expect(used("t(is ? 'a' : ('b' as const))")[0].codes).toEqual(['a', 'b']);
    for (const code of ['code', '`a`', "is ? 'a' : code"]) expect(used(`message(${code})`)[0].codes).toBeNull();
  });

  it('tells parameters that may be more, or are not to be seen, from none', () => {
    expect(used("message('a', { ...more, x })")[0]).toMatchObject({ parameters: ['x'], isOpen: true });
    expect(used("message('a', parameters)")[0]).toMatchObject({ parameters: null, isText: false });
  });

  it('sees a text where parameters belong', () => {
    for (const text of ["'A b.'", '`A b.`', "is ? 'A.' : 'B.'"]) {
      expect(used(`new InternalError('a', ${text})`)[0].isText).toBe(true);
    }
  });

  it('leaves other calls and errors alone', () => {
    expect(used("first('a'); say(error); new RangeError('b'); const codes = ['c'];")).toEqual([]);
  });

  it('finds errors of any class that are made of words', () => {
    const lines = ["new Error('It broke.')", 'new RangeError(`It broke`)', "new Error(why, 'a b')", "new Error('a-b')"];
    expect(usesIn('a.ts', lines.join(';\n')).spokenErrors).toEqual([1, 2]);
  });

  it('counts lines from 1, and refuses what it cannot parse', () => {
    expect(usesIn('a.ts', "\n\nmessage('a');").uses[0].line).toBe(3);
    expect(() => usesIn('a.ts', 'message(')).toThrow('a.ts');
  });
});
