/** How a slice of the page's state sees the one store that all of them share. */
import type { Command } from '../study/study';
import type { AppEvent } from './status';

/** As much of the page's state as a slice reads and changes. */
export interface Part<State> {
  getState(): State;
  setState(change: Partial<State> | ((now: State) => Partial<State>)): void;
  /** @returns ends it */
  subscribe(listener: (now: State, before: State) => void): () => void;
}

/**
 * One event in the life of the page and what becomes known with it, in a single update.
 * @param command done to the study in the same update
 */
export type Send<State> = (event: AppEvent, change?: Partial<State>, command?: Command) => void;
