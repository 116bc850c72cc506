/** Cache Storage in memory with room for `capacity` bytes, for tests. */

class MemoryCache {
  readonly entries = new Map<string, { readonly body: ArrayBuffer; readonly headers: Headers }>();

  constructor(private readonly all: MemoryCaches) {}

  async match(address: string): Promise<Response | undefined> {
    const entry = this.entries.get(address);
    return entry && new Response(entry.body.slice(0), { headers: entry.headers });
  }

  async put(address: string, response: Response): Promise<void> {
    const body = await response.arrayBuffer();
    if (this.all.used + body.byteLength > this.all.capacity) throw new DOMException('No room.', 'QuotaExceededError');
    this.entries.set(address, { body, headers: response.headers });
  }

  async delete(address: string): Promise<boolean> {
    return this.entries.delete(address);
  }

  async keys(): Promise<Request[]> {
    return [...this.entries.keys()].map((url) => new Request(url));
  }
}

export class MemoryCaches {
  readonly caches = new Map<string, MemoryCache>();

  constructor(public capacity = Number.POSITIVE_INFINITY) {}

  get used(): number {
    const bodies = [...this.caches.values()].flatMap(({ entries }) => [...entries.values()]);
    return bodies.reduce((sum, { body }) => sum + body.byteLength, 0);
  }

  async open(name: string): Promise<Cache> {
    const cache = this.caches.get(name) ?? new MemoryCache(this);
    this.caches.set(name, cache);
    return cache as unknown as Cache;
  }

  async has(name: string): Promise<boolean> {
    return this.caches.has(name);
  }

  async keys(): Promise<string[]> {
    return [...this.caches.keys()];
  }

  async delete(name: string): Promise<boolean> {
    return this.caches.delete(name);
  }
}
