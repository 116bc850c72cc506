/**
 * Keeps the service worker itself from reaching another machine. Its script comes from the server, on a plain static
 * host without a policy, and no page's policy binds it.
 */

/** What a service worker could send with, besides `fetch`. */
const OTHER_WAYS = ['WebSocket', 'WebSocketStream', 'EventSource', 'WebTransport'] as const;

/**
 * Replaces `fetch` of that scope by one that refuses addresses of other origins, also those that a redirect leads to,
 * and takes away the other ways out. For good: nothing that runs later can bring them back.
 * @param scope the service worker's global scope; one of their own in tests
 */
export function allowOwnOriginOnly(scope: {
  fetch: typeof fetch;
  readonly location: { readonly href: string; readonly origin: string };
}): void {
  const reach = scope.fetch.bind(scope);
  const isOwn = (address: string) => new URL(address, scope.location.href).origin === scope.location.origin;
  const guarded: typeof fetch = async (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    if (!isOwn(address)) throw new TypeError('other-origin');
    const response = await reach(input, init);
    if (response.url !== '' && !isOwn(response.url)) throw new TypeError('other-origin');
    return response;
  };
  Object.defineProperty(scope, 'fetch', { value: guarded, writable: false, configurable: false });
  for (const name of OTHER_WAYS) {
    Object.defineProperty(scope, name, { value: undefined, writable: false, configurable: false });
  }
}

/**
 * What the server answers a page's request with. Not where a redirect leads: on a host that sends no policy none would hold
 * here, so that a redirect could carry a request on to another machine. A navigation's redirect is the browser's own affair.
 */
export const askServer = (request: Request): Promise<Response> =>
  request.mode === 'navigate' ? fetch(request) : fetch(request, { redirect: 'error' });
