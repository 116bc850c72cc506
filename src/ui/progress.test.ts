import { describe, expect, it } from 'vitest';
import type { Provider } from '../inference/protocol';
import { addingText, mirroringCost, progressText } from './progress';

describe('what is being done, in words,', () => {
  it('says what adding a model does, with bytes where there are some', () => {
    expect(addingText({ step: 'verify', done: 1e6, total: 9e6 })).toBe('Verifying checksums, 1.0 MB of 9.0 MB');
    expect(addingText({ step: 'try', done: 0, total: 0 })).toBe('Trying the network on one window of noise');
  });

  it('prepares the graphics processor only where the network runs on it', () => {
    const compile = { phase: 'compile', done: 0, total: 1, secondsLeft: null } as const;
    expect(
      [undefined, 'wasm', 'wgsl', 'webgpu'].map((on) => progressText(compile, on as Provider | undefined)),
    ).toEqual([
      'Preparing the network',
      'Preparing the network',
      'Preparing the graphics processor',
      'Preparing the graphics processor',
    ]);
  });

  it('counts windows from one', () => {
    const infer = (done: number) => progressText({ phase: 'infer', done, total: 8, secondsLeft: null });
    expect([infer(0), infer(7), infer(8)]).toEqual([
      'Segmenting, window 1 of 8',
      'Segmenting, window 8 of 8',
      'Segmenting, window 8 of 8',
    ]);
  });
});

describe('mirroringCost', () => {
  it('gives the factor, and the runs once a scan is open', () => {
    expect(mirroringCost(8, null)).toBe('(8 times as long)');
    expect(mirroringCost(4, 12)).toBe('(4 times as long: up to 48 runs of the network instead of 12)');
  });
});
