/** What a job is asked, once serve.ts has put voxels and facts together, and what it tells while it runs. */
import type { LabelBox } from '../../volume/labelBox';
import type { Volume } from '../../volume/volume';
import type { Progress, ProviderInfo, SegmentInput } from '../protocol';

export type SegmentRequest = Omit<SegmentInput, 'volumes'> & {
  readonly volumes: readonly Volume[];
};

/** What a segmentation tells while it runs. */
export interface SegmentEvents {
  readonly onProgress: (progress: Progress, provider?: ProviderInfo) => void;
  /** Final labels of a part of the scan; the box's array is the callee's. */
  readonly onSlab: (box: LabelBox) => void;
  /** Labels of the middle before the first slab, where the request asks for them; not final. The array is the callee's. */
  readonly onPreview: (box: LabelBox) => void;
}
