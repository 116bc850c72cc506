/** What a network costs by its graph alone, before there is a device: for predictions. */
import type { NetworkCost } from '../../../models/costs';
import { programBytes } from '../../gpu/program';
import type { Storage } from '../../gpu/storage';
import { decodeModel } from '../onnx/decode';
import { planGraph } from '../onnx/plan';
import { groupSteps, record } from './engine';
import { whyUnsupported } from './supports';

/**
 * Of one window on our kernels; what is left to ONNX Runtime is not counted.
 * @param model the ONNX file
 * @throws ModelError for a file that cannot be planned
 */
export function networkCost(model: Uint8Array): NetworkCost {
  const plan = planGraph(decodeModel(model), { claims: 'all', accept: whyUnsupported });
  const groups = groupSteps(plan);
  const recorded = (storage: Storage) =>
    groups.flatMap((group, index) =>
      Array.isArray(group)
        ? [record(plan, groups, index, { storage }, { channelsLast: false, conv3dPlans: undefined }).recorder]
        : [],
    );
  const bytes = (storage: Storage) => recorded(storage).reduce((sum, recorder) => sum + programBytes(recorder), 0);
  const flops = recorded('fp32')
    .flatMap(({ steps }) => steps)
    .reduce((sum, { kernel }) => sum + kernel.flops, 0);
  return { gflopPerWindow: Number((flops / 1e9).toPrecision(4)), bytes: { fp32: bytes('fp32'), fp16: bytes('fp16') } };
}
