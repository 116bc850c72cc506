/** Everything that the pool's workers can be asked for: one file and one line a task. */
import { readVolume } from './tasks/readVolume';

export const tasks = {
  readVolume,
} as const;

/** What the page knows of them. */
export type Tasks = typeof tasks;
