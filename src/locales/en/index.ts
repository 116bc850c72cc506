/** English, the language that the others are translated from: one file a room. Messages are ICU MessageFormat. */
import { core } from './core';

export const en = { ...core } as const;

/** Every code that has a sentence. */
export type MessageCode = keyof typeof en;
