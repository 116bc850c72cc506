/** One of the pool's workers: work on voxels and files, so that the page never waits for them. */
import { serveThread } from '../workers/serve';
import { tasks } from './tasks';

serveThread(tasks);
