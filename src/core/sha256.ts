/** Checksums of files. */
import { UnsupportedDeviceError } from './errors';

/**
 * The SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
 * @throws UnsupportedDeviceError on a page over plain http, where browsers offer no checksums
 */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (!subtle) {
    throw new UnsupportedDeviceError('insecure-context');
  }
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
