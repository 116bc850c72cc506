// @ts-check
import { createServer } from 'node:net';

/**
 * The first TCP port from `start` upwards that nothing on this machine listens on.
 * @param {number} start
 * @returns {Promise<number>}
 */
export function freePort(start) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EADDRINUSE' && start < 65535) freePort(start + 1).then(resolve, reject);
      else reject(error);
    });
    probe.listen(start, '127.0.0.1', () => probe.close(() => resolve(start)));
  });
}
