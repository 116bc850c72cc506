/** The places in a sentence of ICU MessageFormat that values are put into. */
import { compileMessage } from '@lingui/message-utils/compileMessage';

/**
 * Values that try every branch of a sentence.
 * @returns by name: each option of a select and one that is none of them, some counts for a plural, a text otherwise
 */
export function valuesIn(sentence: string): ReadonlyMap<string, readonly (string | number)[]> {
  const values = new Map<string, readonly (string | number)[]>();
  collect(compileMessage(sentence), values);
  return values;
}

/** The names of the values, in alphabetical order. */
export const namesIn = (sentence: string): readonly string[] => [...valuesIn(sentence).keys()].sort();

/** @param compiled texts and places: [name], or [name, kind, what is said by choice] */
function collect(compiled: unknown, values: Map<string, readonly (string | number)[]>): void {
  if (!Array.isArray(compiled)) return;
  for (const part of compiled) {
    if (!Array.isArray(part)) continue;
    const [name, kind, branches] = part as [string, string?, Readonly<Record<string, unknown>>?];
    if (kind === 'select') values.set(name, Object.keys(branches ?? {}));
    else if (kind) values.set(name, [0, 1, 2, 1200]);
    else if (!values.has(name)) values.set(name, [`(${name})`]);
    for (const branch of Object.values(branches ?? {})) collect(branch, values);
  }
}
