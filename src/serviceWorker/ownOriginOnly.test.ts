import { expect, it, vi } from 'vitest';
import { allowOwnOriginOnly } from './ownOriginOnly';

const own = 'https://ward.example/tools/';
const scopeWith = (url = `${own}a.js`) => {
  const reached = vi.fn(async () => Object.defineProperty(new Response('x'), 'url', { value: url }));
  const location = { href: `${own}sw.js`, origin: 'https://ward.example' };
  const scope = { fetch: reached as typeof fetch, location, WebSocket: class {} };
  allowOwnOriginOnly(scope);
  return { scope, reached };
};

it('reaches its own origin, by any way of naming an address', async () => {
  const { scope, reached } = scopeWith();
  for (const address of ['a.js', `${own}a.js`, new URL(`${own}a.js`), new Request(`${own}a.js`)]) {
    expect((await scope.fetch(address)).ok).toBe(true);
  }
  expect(reached).toHaveBeenCalledTimes(4);
});

it.each(['https://elsewhere.example/', 'http://ward.example/', '//elsewhere.example/x', 'https://ward.example:8443/'])(
  'asks nothing of %s',
  async (address) => {
    const { scope, reached } = scopeWith();
    await expect(scope.fetch(address)).rejects.toThrow('other-origin');
    expect(reached).not.toHaveBeenCalled();
  },
);

it('gives out nothing that a redirect brought from elsewhere', async () => {
  const { scope } = scopeWith('https://elsewhere.example/a.js');
  await expect(scope.fetch('a.js')).rejects.toThrow('other-origin');
});

it('has no other way out, and none can be put back', () => {
  const { scope } = scopeWith();
  expect(scope.WebSocket).toBeUndefined();
  expect(() => Object.defineProperty(scope, 'WebSocket', { value: class {} })).toThrow();
  expect(() => Object.defineProperty(scope, 'fetch', { value: fetch })).toThrow();
});
