/** The headers that make any plain static server as good as one that sends them. */

/**
 * The same response with our headers in the place of the server's. Redirects of a navigation and network errors cannot
 * be remade: they pass as they are, and carry no content of this origin.
 */
export function withPolicyHeaders(response: Response): Response {
  if (response.status === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(__RESPONSE_HEADERS__)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/** For a response that is kept: its bytes are unpacked, and it is the answer to every request for its address. */
export function forKeeping(response: Response): Response {
  const kept = withPolicyHeaders(response);
  kept.headers.delete('Vary');
  if (kept.headers.has('Content-Encoding')) kept.headers.delete('Content-Length');
  kept.headers.delete('Content-Encoding');
  return kept;
}
