/** English, the language that the others are translated from: one file a room. Messages are ICU MessageFormat. */
import { core } from './core';
import { inference } from './inference';

export const en = { ...core, ...inference } as const;

/** Every code that has a sentence. */
export type MessageCode = keyof typeof en;
