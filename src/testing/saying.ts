/** Errors by the sentence that a user would read. */
import { asAppError } from '../core/errors';
import { say } from '../locales/say';

/**
 * For toThrow, toEqual and the like, where the words are the point; elsewhere match `code` and `parameters`.
 * @example await expect(run).rejects.toThrow(saying(/needs 812 MB/))
 */
export function saying(words: string | RegExp) {
  const sentenceOf = (error: unknown) => say(asAppError(error));
  return {
    asymmetricMatch(error: unknown): boolean {
      const sentence = sentenceOf(error);
      return typeof words === 'string' ? sentence.includes(words) : words.test(sentence);
    },
    toString: () => `saying(${words})`,
  };
}
