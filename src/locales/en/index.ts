/** English, the language that the others are translated from: one file a room. Messages are ICU MessageFormat. */
import { app } from './app';
import { compute } from './compute';
import { core } from './core';
import { demo } from './demo';
import { device } from './device';
import { dialogs } from './dialogs';
import { fileKinds } from './fileKinds';
import { files } from './files';
import { headless } from './headless';
import { inference } from './inference';
import { installation } from './installation';
import { it } from './it';
import { keeping } from './keeping';
import { manifest } from './manifest';
import { models } from './models';
import { page } from './page';
import { panels } from './panels';
import { privacy } from './privacy';
import { state } from './state';
import { study } from './study';
import { viewer } from './viewer';
import { viewports } from './viewports';
import { volume } from './volume';

export const en = {
  ...app,
  ...compute,
  ...core,
  ...demo,
  ...device,
  ...dialogs,
  ...fileKinds,
  ...files,
  ...headless,
  ...inference,
  ...it,
  ...keeping,
  ...manifest,
  ...installation,
  ...models,
  ...page,
  ...panels,
  ...privacy,
  ...state,
  ...study,
  ...viewer,
  ...viewports,
  ...volume,
} as const;

/** Every code that has a sentence. */
export type MessageCode = keyof typeof en;
