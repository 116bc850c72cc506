/** The model that the page's address asks for. */
import { ModelError } from '../core/errors';

/**
 * The folder that "?model=" in the page's address names.
 * @param value '/models/mine/', 'models/mine', or an absolute address on the same server
 * @returns absolute URL ending in '/'
 * @throws ModelError('model-cross-origin') for another server, ModelError('model-address') for what is no address
 */
export function askedModelUrl(value: string, pageUrl: string): string {
  let url: URL;
  try {
    url = new URL(value, pageUrl);
  } catch (cause) {
    throw new ModelError('model-address', { value }, { cause });
  }
  const { origin } = new URL(pageUrl);
  if (url.origin !== origin) {
    const where = url.origin === 'null' ? value : url.origin;
    throw new ModelError('model-cross-origin', { where, origin });
  }
  const folder = url.pathname.replace(/model\.json$/, '').replace(/\/*$/, '/');
  return new URL(folder, origin).href;
}
