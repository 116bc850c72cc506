/** The inference worker: reads, segments and maps back, so that the page never waits for voxels. */
import { readNifti } from '../files/nifti/nifti';
import { shareVoxels } from './handOver';
import { ModelKeeper } from './job/modelKeeper';
import { SegmentJob } from './job/segmentJob';
import type { Request } from './protocol';
import { serve } from './serve';

const keeper = new ModelKeeper();
const job = new SegmentJob(() => keeper.library());

const handle = serve((reply, transfer) => self.postMessage(reply, { transfer }), {
  read: async (file, name) => shareVoxels(await readNifti(file, name)),
  segment: (request, signal, events) => job.run(request, signal, events),
  addModel: (request, signal, onProgress) =>
    keeper.add(request, (model) => job.tryOut(model, request, signal), signal, onProgress),
  listModels: () => keeper.list(),
  deleteModel: (modelId) => keeper.remove(modelId),
});

self.addEventListener('message', (event: MessageEvent<Request>) => handle(event.data));
