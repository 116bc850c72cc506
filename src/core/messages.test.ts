import { expect, it } from 'vitest';
import { isSameMessage, message } from './messages';

it.each([
  [message('a'), { code: 'a' }, true],
  [message('a', { n: 1, what: message('b', { n: 2 }) }), message('a', { n: 1, what: message('b', { n: 2 }) }), true],
  [message('a', { n: 1 }), message('a', { n: '1' }), false],
  [message('a', { n: 1 }), message('a', { m: 1 }), false],
  [message('a', { n: 1 }), message('a', { n: 1, m: 2 }), false],
  [message('a', { what: message('b', { n: 2 }) }), message('a', { what: message('b', { n: 3 }) }), false],
  [message('a', { what: message('b') }), message('a', { what: 'b' }), false],
  [message('a'), message('b'), false],
])('%j and %j are one sentence: %s', (a, b, same) => {
  expect(isSameMessage(a, b)).toBe(same);
  expect(isSameMessage(b, a)).toBe(same);
});
