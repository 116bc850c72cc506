/** How fast an adapter multiplies and adds when nothing else holds it up: what no kernel can exceed. */
import { Program } from './program';
import { Recorder } from './recorder';
import { timeKernels } from './timing';

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

/**
 * @param enoughMs ends with the first measurement that took this long; a long one fills a large adapter
 * @returns 10^9 fp32 operations a second, a fused multiply-add being two
 */
export async function measureArithmetic(device: GPUDevice, enoughMs: number): Promise<number> {
  let gflops = 0;
  for (let workgroups = 16; workgroups <= 65535; workgroups *= 4) {
    const r = new Recorder();
    const flops = workgroups * THREADS * ROUNDS * 8 * 4 * 2;
    const kernel = { label: 'fma', code: CODE, access: ['write'] as const, flops, bytes: 0 };
    r.dispatch({ ...kernel, workgroups: [workgroups, 1, 1] }, [r.output('y', THREADS * 16)]);
    using program = await Program.compile(device, r);
    const { times } = await timeKernels(device, program, enoughMs);
    gflops = Math.max(gflops, flops / times[0].ms / 1e6);
    if (times[0].ms > enoughMs) break;
  }
  return gflops;
}
