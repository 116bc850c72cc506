/** Which of its sources answers a request. */
import { SHARE_TARGET } from './contract';
import { keptFile } from './keptFiles';
import { askServer } from './ownOriginOnly';
import { withPolicyHeaders } from './policyHeaders';
import { takeSharedFiles } from './sharedFiles';
import type { Shell } from './shell';

/**
 * The answer to any request of a page that the service worker controls. Another origin's is an error: nothing of ours
 * asks there, and what would is not of ours.
 * @param scope address of the page's folder
 * @param keepAlive lets work go on after the answer
 */
export async function answer(
  request: Request,
  scope: string,
  shell: Pick<Shell, 'match'>,
  keepAlive: (work: Promise<unknown>) => void,
): Promise<Response> {
  const { origin, href, pathname } = new URL(request.url);
  if (origin !== new URL(scope).origin) return Response.error();
  const path = href.startsWith(scope) ? pathname.slice(new URL(scope).pathname.length) : null;
  if (request.method === 'POST' && path === SHARE_TARGET) return takeSharedFiles(request, scope);
  // What is kept has the headers already, those of its version. A copy would cost the browser its compiled code.
  const ofShell = request.method === 'GET' ? await shell.match(request) : undefined;
  const kept = ofShell ?? (path === null ? null : keptFile(request, path, keepAlive));
  return kept ?? withPolicyHeaders(await askServer(request));
}
