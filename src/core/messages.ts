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

/** What a thrown value says of itself, for a parameter like {why}. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
