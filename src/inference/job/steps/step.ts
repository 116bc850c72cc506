/** What may be done to the labels of a scan when all of its windows have run. */
import type { Steps } from '../../../core/steps';
import type { LabelVolume } from '../../../volume/volume';
import type { PipelineManifest, Prepared } from '../../schemes/prepared';
import type { PlaneCertainty, WindowJob } from '../../windows/contract';

/** A scan whose windows have all run. */
export interface Finished {
  readonly manifest: PipelineManifest;
  readonly job: WindowJob;
  /** On the scan's own grid; steps change them in place. */
  readonly labels: LabelVolume;
  /** By plane of the model grid, for a job with `baseCertainty`; else empty. */
  readonly certainties: readonly PlaneCertainty[];
  /** Where the job's output grid lies in the scan. */
  readonly output: Prepared['output'];
}

/** One step; `steps.ts` says which there are, and in which order. */
export interface VoxelStep {
  /** For people who read the table. */
  readonly name: string;
  /** Whether this model asks for it. */
  applies(finished: Finished): boolean;
  /** Changes `labels`, and pauses (yields) every few milliseconds so that a cancel gets through. */
  run(finished: Finished): Steps<void>;
}
