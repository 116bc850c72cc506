/** The inference worker: segments and maps back, so that the page never waits for voxels. */
import { serveThread } from '../workers/serve';
import { describeDevice, measureDevice } from './job/describeDevice';
import { ModelKeeper } from './job/modelKeeper';
import { planRun } from './job/planRun';
import { SegmentJob } from './job/segmentJob';
import { inferenceCalls } from './serve';

const keeper = new ModelKeeper();
const job = new SegmentJob(() => keeper.library());

serveThread(
  inferenceCalls({
    segment: (request, signal, events) => job.run(request, signal, events),
    addModel: (request, signal, onProgress) =>
      keeper.add(request, (model) => job.tryOut(model, request, signal), signal, onProgress),
    keepModel: (modelUrl, signal, onProgress) => keeper.keep(modelUrl, signal, onProgress),
    selfTest: (input, signal, onProgress) => job.selfTest(input, signal, onProgress),
    planRun: async (input) => planRun(input, await keeper.library()),
    describeDevice,
    measureDevice,
    listModels: () => keeper.list(),
    deleteModel: (modelId) => keeper.remove(modelId),
  }),
);
