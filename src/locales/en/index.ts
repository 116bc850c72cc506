/** English, the language that the others are translated from: one file a room. Messages are ICU MessageFormat. */
import { core } from './core';
import { fileKinds } from './fileKinds';
import { files } from './files';
import { inference } from './inference';
import { models } from './models';
import { state } from './state';
import { study } from './study';
import { volume } from './volume';

export const en = { ...core, ...volume, ...study, ...files, ...fileKinds, ...models, ...inference, ...state } as const;

/** Every code that has a sentence. */
export type MessageCode = keyof typeof en;
