/** Files that another app shares with this one: handed to the page through a cache, where they stay until it reads them. */
import { PLACES } from '../core/storedPlaces';
import { SHARE_FIELD, SHARED_QUERY } from './contract';

/**
 * Answers the form that the system posts.
 * @param scope address of the page's folder
 * @returns to the page, which reads the files; where they could not be kept it finds none, and says so
 */
export async function takeSharedFiles(request: Request, scope: string): Promise<Response> {
  try {
    const files = (await request.formData()).getAll(SHARE_FIELD).filter((one): one is File => one instanceof File);
    await caches.delete(PLACES.shared.name);
    const cache = await caches.open(PLACES.shared.name);
    await Promise.all(
      files.map((file, i) =>
        cache.put(`${scope}${SHARED_QUERY}/${i}/${encodeURIComponent(file.name)}`, new Response(file)),
      ),
    );
  } catch {
    await caches.delete(PLACES.shared.name).catch(() => undefined);
  }
  return Response.redirect(`${scope}?${SHARED_QUERY}`, 303);
}
