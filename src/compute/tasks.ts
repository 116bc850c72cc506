/** Everything that the pool's workers can be asked for: one file and one line a task. */
import { countLabels } from './tasks/countLabels';
import { exportFiles } from './tasks/exportFiles';
import { joinParts } from './tasks/joinParts';
import { readGrids } from './tasks/readGrids';
import { readVolumes } from './tasks/readVolumes';
import { sortDrop } from './tasks/sortDrop';

export const tasks = {
  sortDrop,
  joinParts,
  readGrids,
  readVolumes,
  countLabels,
  exportFiles,
} as const;

/** What the page knows of them. */
export type Tasks = typeof tasks;
