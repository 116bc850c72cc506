import { expect, it } from 'vitest';
import { planPool } from './pool';
import { type Kernel, Recorder } from './recorder';

const kernel: Kernel = {
  ...{ label: 'copy', code: '', access: ['read', 'write'], workgroups: [1, 1, 1], flops: 0, bytes: 128 },
};

it('gives tensors that never live together one slot, and no tensor a slot that is still read', () => {
  const r = new Recorder();
  const x = r.input('x', 64);
  const temporaries = [256, 64, 128, 64].map((bytes, i) => r.temporary(`t${i}`, bytes));
  const y = r.output('y', 64);
  const chain = [x, ...temporaries, y];
  for (let i = 0; i + 1 < chain.length; i++) r.dispatch(kernel, [chain[i], chain[i + 1]]);
  const { slots, sizes } = planPool(r);
  expect(sizes).toHaveLength(2);
  for (let i = 1; i + 1 < chain.length - 1; i++) expect(slots[chain[i]]).not.toBe(slots[chain[i + 1]]);
});
