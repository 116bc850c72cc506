/** Errors by the sentence that a user would read. */
import { asAppError } from '../core/errors';
import { say } from '../locales/say';

/**
 * For toThrow, toEqual and the like, where the words are the point; elsewhere match `code` and `parameters`.
 * @param code that the error must have, where it is given
 * @example await expect(run).rejects.toThrow(saying(/needs 812 MB/))
 */
export function saying(words: string | RegExp, code?: string) {
  return {
    asymmetricMatch(error: unknown): boolean {
      const said = asAppError(error);
      const sentence = say(said);
      const isSaid = typeof words === 'string' ? sentence.includes(words) : words.test(sentence);
      return isSaid && (code === undefined || code === said.code);
    },
    toString: () => `saying(${words}${code ? `, ${code}` : ''})`,
  };
}
