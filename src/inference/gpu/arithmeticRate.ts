/** How fast an adapter multiplies and adds when nothing else holds it up: what no kernel can exceed. */
import { UnsupportedDeviceError } from '../../core/errors';
import type { Measurements } from './measurements';
import { Program } from './program';
import { Recorder } from './recorder';
import { answerTimes, timeKernels } from './timing';

const THREADS = 64;
const ROUNDS = 256;

/** Eight independent chains of vec4 per thread hide the latency of one; the sums are stored so that nothing is left out. */
const CODE = `@group(0) @binding(0) var<storage, read_write> y: array<vec4f>;
@compute @workgroup_size(${THREADS}) fn main(@builtin(global_invocation_id) id: vec3u) {
  let a = vec4f(0.5 + 1e-6 * f32(id.x)); let b = vec4f(0.5);
  var ${Array.from({ length: 8 }, (_, i) => `s${i} = vec4f(${i}); var `).join('')}n = 0u;
  for (; n < ${ROUNDS}u; n++) {
    ${Array.from({ length: 8 }, (_, i) => `s${i} = fma(s${i}, a, b);`).join(' ')}
  }
  y[id.x % ${THREADS}u] = s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7;
}`;

/** The first run may have woken the adapter up, and an answer may have been late: the fastest counts. */
const TRIES = 3;

/** The largest number of workgroups tried is the last of 16, 64, 256 ... that WebGPU dispatches along one axis. */
const [FEWEST_WORKGROUPS, MOST_WORKGROUPS] = [16, 16384];

/**
 * @param enoughMs what is trusted: the first dispatch that takes this long, which also fills a large adapter; where not
 *   even the largest does, that one repeated. Shorter ones are the clock's noise.
 * @returns 10^9 fp32 operations a second, a fused multiply-add being two
 * @throws Error when the adapter's clock stands still
 */
export async function measureArithmetic(device: GPUDevice, enoughMs: number): Promise<number> {
  const answers = await answerTimes(device);
  const trustedMs = Math.max(enoughMs, answers.resolutionMs);
  for (let workgroups = FEWEST_WORKGROUPS; ; workgroups *= 4) {
    const r = new Recorder();
    const flops = workgroups * THREADS * ROUNDS * 8 * 4 * 2;
    const kernel = { label: 'fma', code: CODE, access: ['write'] as const, flops, bytes: 0 };
    r.dispatch({ ...kernel, workgroups: [workgroups, 1, 1] }, [r.output('y', THREADS * 16)]);
    using program = await Program.compile(device, r);
    const isLast = workgroups * 4 > MOST_WORKGROUPS;
    let ms = Number.POSITIVE_INFINITY;
    for (let n = 0; n < TRIES && (ms >= trustedMs || isLast); n++) {
      const { times } = await timeKernels(device, program, trustedMs, isLast, answers);
      ms = Math.min(ms, times[0].ms);
    }
    if (ms < trustedMs && !isLast) continue;
    if (!(ms > 0)) throw new UnsupportedDeviceError('adapter-not-timed');
    return flops / ms / 1e6;
  }
}

/** Name of the rate among what is kept of an adapter. */
const ARITHMETIC = 'arithmetic';

/** 10^9 fp32 operations a second, where that has been measured. */
export async function knownArithmetic(kept: Measurements): Promise<number | undefined> {
  const known = await kept.get(ARITHMETIC);
  return typeof known === 'number' ? known : undefined;
}

/** Remembers the rate for `knownArithmetic`. */
export const keepArithmetic = (kept: Measurements, gflops: number): Promise<void> => kept.set(ARITHMETIC, gflops);
