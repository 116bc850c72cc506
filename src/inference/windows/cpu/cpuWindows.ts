/** Windows of a network in CPU memory (ONNX Runtime's WebAssembly provider): patch in, logits out, sums in JavaScript. */
import { InvalidInputError } from '../../../core/errors';
import { message } from '../../../core/messages';
import type { Triple } from '../../../volume/grid';
import type { Backend } from '../../network/ort/backend';
import type { PlannedMemory } from '../../protocol';
import { isCounted, PLAIN_READING, type RunHooks, type WindowExecutor, type WindowJob } from '../contract';
import { mirrored, NOT_MIRRORED, reordered } from '../geometry/mirror';
import { finishedPlanes, requireValidTaps, ringDepth } from '../geometry/taps';
import { inspectLogits, requireHealthy } from '../logitsHealth';
import {
  accumulateWindow,
  clearPlanes,
  copyPlane,
  emptyProbabilities,
  type Probabilities,
  settlePlanes,
} from './accumulate';
import { certaintyOf } from './certainty';
import { interpolatedLabels } from './interpolate';

export class CpuWindows implements WindowExecutor {
  constructor(private readonly backend: Backend) {}

  get info() {
    return this.backend.info;
  }

  get warm() {
    return this.backend.warm;
  }

  plan(job: WindowJob): PlannedMemory {
    return planCpuMemory(job);
  }

  async run(job: WindowJob, hooks: RunHooks): Promise<void> {
    const { patchDhw, starts, weights, taps, weightFloor, mirrors = [NOT_MIRRORED], reading = PLAIN_READING } = job;
    for (const [axis, name] of ['depth', 'height', 'width'].entries()) {
      requireValidTaps(taps[axis], job.paddedDhw[axis], name);
    }
    const sum = allocate(job);
    const patch = new Float32Array(job.channels * patchDhw[0] * patchDhw[1] * patchDhw[2]);
    const slabs = finishedPlanes(starts[0], taps[0]);
    let finished = 0;
    for (const [k, z] of starts[0].entries()) {
      if (k > 0) clearPlanes(sum, starts[0][k - 1] + patchDhw[0], z + patchDhw[0]);
      for (const [j, y] of starts[1].entries()) {
        for (const [i, x] of starts[2].entries()) {
          for (const mirror of mirrors) {
            await hooks.onWindow(finished);
            copyWindow(job, [z, y, x], patch);
            const answer = await this.backend.run(mirrored(patch, patchDhw, mirror), patchDhw);
            requireHealthy(inspectLogits(answer), this.backend.info);
            hooks.logits?.tell(Float32Array.from(hooks.logits.at, (i) => answer[i]));
            const straight = mirrored(answer, patchDhw, mirror);
            const logits = mirror[2] && job.exchange ? reordered(straight, job.exchange) : straight;
            accumulateWindow(sum, logits, [z, y, x], [weights[0][k], weights[1][j], weights[2][i]], {
              activation: reading.perWindow,
              share: 1 / mirrors.length,
              floor: weightFloor,
            });
            finished++;
          }
        }
      }
      if (k + 1 === starts[0].length) await hooks.onWindow(finished);
      const next = starts[0][k + 1] ?? job.paddedDhw[0];
      settlePlanes(sum, [z, next], reading.perVoxel);
      for (let plane = z; plane < next && job.baseCertainty !== undefined; plane++) {
        const at = plane - job.belowDhw[0];
        if (at < 0 || at >= job.dimsDhw[0]) continue;
        hooks.onCertainty?.(at, certaintyOf(sum, plane, job.belowDhw, job.dimsDhw));
      }
      if (hooks.onAverages) for (let plane = z; plane < next; plane++) hooks.onAverages(plane, copyPlane(sum, plane));
      const [from, to] = slabs[k];
      if (to > from) hooks.onSlab(from, interpolatedLabels(sum, taps, [from, to], reading.regions));
    }
  }

  dispose(): Promise<void> {
    return this.backend.dispose();
  }
}

/** What a run takes beside the network, whose memory ONNX Runtime does not tell. */
export function planCpuMemory(job: Omit<WindowJob, 'values' | 'weights' | 'intensities'>): PlannedMemory {
  const [ring, output] = [ringVoxels(job) * job.classes * 4, job.taps.reduce((n, t) => n * t.lower.length, 1)];
  const scan = job.channels * job.dimsDhw[0] * job.dimsDhw[1] * job.dimsDhw[2] * 4;
  const bytes = scan + ring + output;
  return {
    bytes,
    text: message('planned-memory', {
      total: megabytes(bytes),
      probabilities: megabytes(ring),
      scan: megabytes(scan),
      masks: megabytes(output),
    }),
  };
}

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;

const ringVoxels = ({ patchDhw, paddedDhw }: Pick<WindowJob, 'patchDhw' | 'paddedDhw'>) =>
  ringDepth(patchDhw[0], paddedDhw[0]) * paddedDhw[1] * paddedDhw[2];

function allocate(job: WindowJob): Probabilities {
  const { patchDhw, paddedDhw, classes } = job;
  const dims: Triple = [ringDepth(patchDhw[0], paddedDhw[0]), paddedDhw[1], paddedDhw[2]];
  try {
    return emptyProbabilities(dims, classes, isCounted(job));
  } catch (cause) {
    const gigabytes = (ringVoxels(job) * classes * 4) / 2 ** 30;
    throw new InvalidInputError(
      'probabilities-too-large',
      { needed: `${gigabytes.toFixed(1)} GB`, size: dims.join(' x '), classes },
      { cause },
    );
  }
}

/** Cuts one window, (channels, D, H, W), and normalises it; 0 beyond the model grid. */
function copyWindow(job: WindowJob, startDhw: Triple, out: Float32Array): void {
  const { channels, values, dimsDhw, belowDhw, patchDhw, intensities } = job;
  const [depth, height, width] = dimsDhw;
  const [z0, y0, x0] = startDhw.map((start, axis) => start - belowDhw[axis]);
  // Columns of the window that lie on the grid.
  const [firstX, endX] = [Math.max(0, -x0), Math.min(patchDhw[2], width - x0)];
  out.fill(0);
  for (let c = 0, row = 0; c < channels; c++) {
    const { offset, scale, low, high } = intensities[c];
    for (let z = z0; z < z0 + patchDhw[0]; z++) {
      for (let y = y0; y < y0 + patchDhw[1]; y++, row += patchDhw[2]) {
        if (z < 0 || z >= depth || y < 0 || y >= height) continue;
        const from = ((c * depth + z) * height + y) * width + x0;
        for (let x = firstX; x < endX; x++) {
          out[row + x] = Math.min(high, Math.max(low, (values[from + x] - offset) * scale));
        }
      }
    }
  }
}
