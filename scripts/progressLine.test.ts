import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { progressLine, progressText } from './progressLine.mjs';

it.each([
  ['loading model 33 %', { phase: 'load-model', done: 1, total: 3, secondsLeft: null }],
  ['window 3/8, 12 s left', { phase: 'infer', done: 3, total: 8, secondsLeft: 12.4 }],
  ['window 0/8', { phase: 'infer', done: 0, total: 8, secondsLeft: null }],
  ['first look 1/2', { phase: 'look', done: 1, total: 2, secondsLeft: null }],
  ['starting network', { phase: 'compile', done: 0, total: 1, secondsLeft: null }],
] as const)('says "%s"', (text, progress) => {
  expect(progressText(progress)).toBe(text);
});

it('writes a log without a terminal: each step once, of a download only its ends', () => {
  const stream = new PassThrough();
  const line = progressLine(stream as never);
  for (const text of ['opening', 'opening', 'loading 0 %', 'loading 7 %', 'loading 50 %', 'loading 100 %'])
    line.show(text);
  line.clear();
  expect(String(stream.read())).toBe('opening\nloading 0 %\nloading 100 %\n');
});

it('rewrites one line on a terminal and leaves nothing behind', () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true });
  const line = progressLine(stream as never);
  line.show('window 1/8');
  line.show('window 2/8');
  line.clear();
  const written = String(stream.read());
  expect(written).not.toContain('\n');
  expect(written.endsWith('\r\x1b[K')).toBe(true);
});
