/**
 * Sentences for the user as data: a code and what the sentence speaks of. The words are in locales/, chosen where the
 * sentence is shown, so that everything below the page says the same in any language. Plain data: it crosses to workers.
 */

/** A code and the values in its sentence. */
export interface Message {
  /** Stable, kebab-case, unique in the app, e.g. 'spacing-not-positive'. */
  readonly code: string;
  readonly parameters?: Parameters;
}

/**
 * A value in a sentence. Numbers for counts (a locale chooses the plural); strings for what reads the same in every
 * language: names, sizes with units ('0.78 mm'), what a system said. A part of a sentence is a message of its own.
 */
export type Parameter = string | number | Message;

export type Parameters = Readonly<Record<string, Parameter>>;

/** @example message('slices-missing', { count: 3 }) */
export const message = (code: string, parameters: Parameters = {}): Message => ({ code, parameters });

/** Two sentences, one after the other. */
export const followedBy = (first: Message, next: Message): Message => message('followed-by', { first, next });

/** Whether two messages would be one sentence. */
export const isSameMessage = (a: Message, b: Message): boolean =>
  JSON.stringify([a.code, a.parameters ?? {}]) === JSON.stringify([b.code, b.parameters ?? {}]);

/** Things as a sentence names them: "a", "a and b", "a, b and c". @param things at least one */
export const listed = ([first, ...rest]: readonly Parameter[]): Parameter => {
  const last = rest.at(-1);
  if (last === undefined) return first;
  const most = rest.slice(0, -1).reduce((before, next) => message('list-comma', { before, next }), first);
  return message('list-and', { most, last });
};

/** The message with the first line of each value: what systems said may have many, of which the first tells most. */
export function firstLines({ code, parameters = {} }: Message): Message {
  const short = (value: Parameter): Parameter => {
    if (typeof value === 'object') return firstLines(value);
    return typeof value === 'string' ? value.split('\n')[0] : value;
  };
  return message(code, Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, short(value)])));
}

/** What a thrown value says of itself, for a parameter like {why}. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
