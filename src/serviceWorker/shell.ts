/** The page itself: kept whole when a version is installed, so that it starts without a network. */

import type { PrecacheEntry } from 'workbox-precaching/_types';
import { PrecacheController } from 'workbox-precaching/PrecacheController';
import { PLACES } from '../core/storedPlaces';
import { forKeeping } from './policyHeaders';
import { shellAddress } from './shellAddress';

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
