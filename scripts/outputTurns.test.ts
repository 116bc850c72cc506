import { expect, it } from 'vitest';
import { outputTurns } from './outputTurns.mjs';

it('shows one program live and the others whole, in the order in which they began', () => {
  let shown = '';
  const open = outputTurns((chunk) => {
    shown += chunk;
  });
  const [first, second, third] = ['first', 'second', 'third'].map(open);
  second.write('b');
  first.write('a');
  expect(shown).toBe('\n=== first ===\na');
  second.write('c\n');
  second.end();
  third.write('d');
  expect(shown).toBe('\n=== first ===\na');
  first.write('A\n');
  first.end();
  expect(shown).toBe('\n=== first ===\naA\n\n=== second ===\nbc\n\n=== third ===\nd');
  third.write('D');
  expect(shown.endsWith('dD')).toBe(true);
});
