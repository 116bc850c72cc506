/** The worker's side of protocol.ts: its calls, in terms of what does the work. */
import type { StoredModel } from '../models/library';
import type { Volume } from '../volume/volume';
import { shareVoxels } from '../workers/handOver';
import type { SegmentEvents, SegmentRequest } from './job/requests';
import type {
  AddModelInput,
  AddProgress,
  DeviceInput,
  DeviceReport,
  InferenceCalls,
  KeepProgress,
  MeasureProgress,
  ModelStorage,
  PlanInput,
  Progress,
  RunPlan,
  SegmentResult,
  SelfTestAnswer,
  SelfTestInput,
} from './protocol';

/** What the calls are turned into. */
export interface Handlers {
  segment(request: SegmentRequest, signal: AbortSignal, events: SegmentEvents): Promise<SegmentResult>;
  addModel(
    request: AddModelInput,
    signal: AbortSignal,
    onProgress: (progress: AddProgress) => void,
  ): Promise<StoredModel>;
  keepModel(modelUrl: string, signal: AbortSignal, onProgress: (progress: KeepProgress) => void): Promise<StoredModel>;
  selfTest(
    input: SelfTestInput,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ): Promise<SelfTestAnswer>;
  planRun(input: PlanInput): Promise<RunPlan>;
  describeDevice(input: DeviceInput): Promise<DeviceReport>;
  measureDevice(input: DeviceInput, onProgress: (progress: MeasureProgress) => void): Promise<DeviceReport>;
  listModels(): Promise<ModelStorage>;
  deleteModel(modelId: string): Promise<ModelStorage>;
}

export const inferenceCalls = (handlers: Handlers): InferenceCalls => ({
  async segment(input, { voxels, signal, tell, give }) {
    const volumes = input.volumes.map((facts, i): Volume => ({ ...facts, data: voxels[i] }));
    const result = await handlers.segment({ ...input, volumes }, signal, {
      onProgress: (progress, provider) => tell({ kind: 'progress', progress, provider }),
      onSlab: (box) => tell({ kind: 'slab', box }, [box.data]),
      onPreview: (box) => tell({ kind: 'preview', box }, [box.data]),
    });
    // In an isolated page, packing and counting read the same memory later.
    const data = shareVoxels(result.labels.data);
    give(data);
    return { ...result, labels: { ...result.labels, data } };
  },
  addModel: (input, { signal, tell }) => handlers.addModel(input, signal, (progress) => tell(progress)),
  keepModel: (modelUrl, { signal, tell }) => handlers.keepModel(modelUrl, signal, (progress) => tell(progress)),
  selfTest: (input, { signal, tell }) => handlers.selfTest(input, signal, (progress) => tell(progress)),
  planRun: (input) => handlers.planRun(input),
  describeDevice: (input) => handlers.describeDevice(input),
  measureDevice: (input, { tell }) => handlers.measureDevice(input, (progress) => tell(progress)),
  listModels: () => handlers.listModels(),
  deleteModel: (modelId) => handlers.deleteModel(modelId),
});
