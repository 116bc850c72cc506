/** What the page asks before something that the user had would be lost, or where a file may be meant in two ways. */
import type { Message } from '../core/messages';
import type { Part } from './part';

export type Answer =
  /** Leave everything as it is; also what closing the dialog means. */
  | 'keep'
  /** Go on; the result that is there is given up. */
  | 'replace'
  /** The same, after the result's mask was saved. */
  | 'save'
  /** A label map: as masks over the open scan, or as a scan of its own. */
  | 'overlay'
  | 'scan';

export interface Question {
  readonly title: Message;
  readonly text: Message;
  /** In the order of the buttons; the first is the safe or likely one. */
  readonly answers: readonly { readonly answer: Answer; readonly label: Message }[];
}

export interface QuestionsState {
  /** What the user is being asked. */
  readonly question: Question | null;
}

export interface Questions {
  /** Resolves with the answer; 'keep' when another question takes its place. */
  ask(question: Question): Promise<Answer>;
  answer(answer: Answer): void;
}

export const INITIAL_QUESTIONS: QuestionsState = { question: null };

export function createQuestions(part: Part<QuestionsState>): Questions {
  let settle: ((answer: Answer) => void) | null = null;
  const answer = (given: Answer) => {
    const resolve = settle;
    settle = null;
    part.setState({ question: null });
    resolve?.(given);
  };
  return {
    ask(question) {
      answer('keep');
      return new Promise((resolve) => {
        settle = resolve;
        part.setState({ question });
      });
    },
    answer,
  };
}
