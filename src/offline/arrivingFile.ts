/**
 * What has arrived of a file that is not whole yet, in pieces: a download that breaks off, or is left, goes on from there.
 *
 *   <address>?from=0&to=2097152&of=<validator>   the bytes from..to
 */
import { PLACES } from '../core/storedPlaces';

interface Piece {
  readonly from: number;
  /** The first byte behind it. */
  readonly to: number;
  /** ETag or date of the file that it is of, '' where the server gave none. */
  readonly validator: string;
  readonly address: string;
}

export class ArrivingFile {
  /**
   * @param address of the file, absolute
   * @param bytes its full length
   */
  constructor(
    private readonly caches: Pick<CacheStorage, 'open' | 'has'>,
    private readonly address: string,
    private readonly bytes: number,
  ) {}

  private open = () => this.caches.open(PLACES.arrivingFiles.name);

  /** Bytes that are here, from the first on. */
  async arrived(): Promise<number> {
    return (await this.pieces()).at(-1)?.to ?? 0;
  }

  /** Copies what is here to the beginning of `whole`. @returns how much, and of which file the server had */
  async read(whole: Uint8Array): Promise<{ readonly at: number; readonly validator: string }> {
    const cache = await this.open();
    let at = 0;
    let validator = '';
    for (const piece of await this.pieces()) {
      const bytes = await (await cache.match(piece.address))?.arrayBuffer();
      if (bytes?.byteLength !== piece.to - piece.from) break;
      whole.set(new Uint8Array(bytes), piece.from);
      ({ to: at, validator } = piece);
    }
    return { at, validator };
  }

  /** @throws DOMException where there is no room */
  async add(bytes: Uint8Array<ArrayBuffer>, from: number, validator: string): Promise<void> {
    const query = new URLSearchParams({ from: `${from}`, to: `${from + bytes.length}`, of: validator });
    await (await this.open()).put(`${this.address}?${query}`, new Response(bytes));
  }

  async remove(): Promise<void> {
    if (!(await this.caches.has(PLACES.arrivingFiles.name))) return;
    const cache = await this.open();
    for (const { url } of await cache.keys()) if (url.startsWith(`${this.address}?`)) await cache.delete(url);
  }

  /** Those that follow on each other from the first byte, of one version of the file. */
  private async pieces(): Promise<Piece[]> {
    if (!(await this.caches.has(PLACES.arrivingFiles.name))) return [];
    const all = (await (await this.open()).keys())
      .filter(({ url }) => url.startsWith(`${this.address}?`))
      .map(({ url }): Piece => {
        const query = new URL(url).searchParams;
        const [from, to] = [Number(query.get('from')), Number(query.get('to'))];
        return { from, to, validator: query.get('of') ?? '', address: url };
      })
      .sort((a, b) => a.from - b.from);
    const chain: Piece[] = [];
    for (const piece of all) {
      const before = chain.at(-1) ?? { to: 0, validator: piece.validator };
      if (piece.from === before.to && piece.to <= this.bytes && piece.validator === before.validator) chain.push(piece);
    }
    return chain;
  }
}
