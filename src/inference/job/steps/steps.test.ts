import { describe, expect, it } from 'vitest';
import type { Finished, VoxelStep } from './step';
import { runVoxelSteps } from './steps';

const step = (name: string, applies: boolean, log: string[]): VoxelStep => ({
  name,
  applies: () => applies,
  *run() {
    log.push(`${name} begins`);
    yield;
    log.push(`${name} ends`);
  },
});

describe('steps after the last window', () => {
  it('are done one after another, those that the model asks for, with a pause wherever they give one', () => {
    const log: string[] = [];
    const run = runVoxelSteps({} as Finished, [step('a', true, log), step('b', false, log), step('c', true, log)]);
    let pauses = 0;
    while (!run.next().done) pauses++;
    expect(log).toEqual(['a begins', 'a ends', 'c begins', 'c ends']);
    expect(pauses).toBe(2);
  });
});
