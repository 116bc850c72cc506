/** The page itself: kept whole when a version is installed, so that it starts without a network. */

import type { PrecacheEntry } from 'workbox-precaching/_types';
import { PrecacheController } from 'workbox-precaching/PrecacheController';
import { PLACES } from '../core/storedPlaces';
import { forKeeping } from './policyHeaders';

export class Shell {
  private readonly files: PrecacheController;

  /**
   * @param entries every file of the shell with its hash, from the build
   * @param scope the address of the folder that the page lies in
   */
  constructor(
    entries: readonly (PrecacheEntry | string)[],
    private readonly scope: string,
  ) {
    // What is not whole fails the installation, and the version before stays.
    const cacheWillUpdate = async ({ response }: { response: Response }) =>
      response.ok ? forKeeping(response) : undefined;
    this.files = new PrecacheController({ cacheName: `${PLACES.shell.name}${scope}`, plugins: [{ cacheWillUpdate }] });
    this.files.addToCacheList([...entries]);
  }

  /** Fetches every file that an earlier version has not brought already. Rejects where one is missing or not as built. */
  install(event: ExtendableEvent): Promise<unknown> {
    return this.files.install(event);
  }

  /** Removes the files of earlier versions. */
  activate(event: ExtendableEvent): Promise<unknown> {
    return this.files.activate(event);
  }

  /** The kept file for a request; undefined where it is none of the shell, or was deleted behind our back. */
  async match({ url, mode }: Request): Promise<Response | undefined> {
    const key = shellAddress(url, mode === 'navigate', this.scope);
    // Addresses of the shell are told apart without their hash, which only the cache's keys have.
    return key === null ? undefined : this.files.matchPrecache(key);
  }
}

/**
 * The address under which the shell has a file. The page's query is for the page: it chooses no file. Nothing else of the
 * shell is asked for with one.
 */
export function shellAddress(url: string, isNavigation: boolean, scope: string): string {
  const address = new URL(url);
  address.hash = '';
  if (isNavigation) address.search = '';
  return address.href === scope ? `${scope}index.html` : address.href;
}
