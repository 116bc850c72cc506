/** The portable zip with a made-up page in it, unpacked and started as on a stick; the real page is in e2e/hosting.spec.ts. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { portableZip } from './portable';
import { CACHE_HASHED, CACHE_OTHERS, DEFAULT_TYPE, responseHeaders } from './responseHeaders';
import { startPortable, unpack } from './testing/portable';

const time = new Date('2026-05-01T12:00:00Z');
const weights = new Uint8Array(25_000_000).map((_, i) => (i * i) >> 7);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let folder = '';
let zip: Uint8Array;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'organscope-portable-'));
  const dist = join(folder, 'dist');
  const files: Record<string, string | Uint8Array> = {
    'index.html': '<!doctype html><title>Organscope</title>',
    'assets/index-Ab_3-678.js': 'export {};',
    'demo/head.nii.gz': '\x1f\x8b',
    'models/Größe 1%.txt': 'ß',
    'models/model.onnx.0': weights,
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(dist, path, '..'), { recursive: true });
    writeFileSync(join(dist, path), content);
  }
  zip = portableZip(dist, '1.2.3', time);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the portable zip', () => {
  it('has the same bytes each time', () => {
    expect(sha256(portableZip(join(folder, 'dist'), '1.2.3', time))).toBe(sha256(zip));
  });

  it('has what each system starts, with its line ends, and nothing that Windows would read as another alphabet', () => {
    const files = unzipSync(zip);
    const text = (path: string) => new TextDecoder().decode(files[`organscope-1.2.3/${path}`]);
    for (const path of ['Start Organscope.cmd', 'server/serve.ps1', 'README.txt']) {
      expect(text(path)).toMatch(/^[\x20-\x7e\r\n]+$/);
      expect(text(path).replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    }
    for (const path of ['start-organscope.sh', 'Start Organscope.command', 'server/serve.py', 'server/headers.txt']) {
      expect(text(path)).not.toContain('\r');
    }
    expect(text('README.txt')).toContain('ORGANSCOPE 1.2.3');
    expect(text('LICENSE')).toContain('Apache License');
  });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly reused: boolean;
}

/** @param path as it is sent, dots and all */
function ask(
  port: number,
  path: string,
  options: { method?: string; host?: string; agent?: Agent } = {},
): Promise<Answer> {
  const { method = 'GET', host = `127.0.0.1:${port}`, agent = new Agent() } = options;
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, agent, headers: { host } }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, body: Buffer.concat(pieces), reused: sent.reusedSocket });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe.each(['python3', 'perl'] as const)('started with %s in a folder with spaces and umlauts', (interpreter) => {
  let started: Awaited<ReturnType<typeof startPortable>>;
  let top = '';
  let port = 0;
  beforeAll(async () => {
    const place = join(folder, interpreter, "Kopf MRT äöü ß's 100%");
    top = join(unpack(zip, place), 'organscope-1.2.3');
    started = await startPortable(top, interpreter);
    port = started.port;
  });
  afterAll(() => started.stop());

  it('says where it is and how to stop it', () => {
    expect(started.said()).toContain(`Organscope is running: http://127.0.0.1:${port}/`);
    expect(started.said()).toContain('To stop it, press Ctrl+C or close this window.');
  });

  it('sends each file with its type and with all headers', async () => {
    const headers = Object.fromEntries(
      Object.entries(responseHeaders).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const files = [
      ['/', 'text/html', CACHE_OTHERS],
      ['/index.html?demo=1', 'text/html', CACHE_OTHERS],
      ['/assets/index-Ab_3-678.js', 'text/javascript', CACHE_HASHED],
      ['/demo/head.nii.gz', 'application/gzip', CACHE_OTHERS],
      ['/models/Gr%C3%B6%C3%9Fe%201%25.txt', 'text/plain', CACHE_OTHERS],
      ['/models/model.onnx.0', DEFAULT_TYPE, CACHE_OTHERS],
    ];
    for (const [path, type, cache] of files) {
      const answer = await ask(port, path);
      expect(answer.status, path).toBe(200);
      expect(answer.headers, path).toMatchObject({ ...headers, 'content-type': type, 'cache-control': cache });
      expect(answer.headers, path).not.toHaveProperty('content-encoding');
      expect(answer.headers['content-length'], path).toBe(String(answer.body.length));
    }
    const missing = await ask(port, '/none.js');
    expect(missing.status).toBe(404);
    expect(missing.headers).toMatchObject({ ...headers, 'cache-control': CACHE_OTHERS });
  });

  it('answers HEAD without a body, on the same connection as the next request', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const head = await ask(port, '/models/model.onnx.0', { method: 'HEAD', agent });
    expect(head.headers['content-length']).toBe('25000000');
    expect(head.body.length).toBe(0);
    const next = await ask(port, '/', { agent });
    expect([next.status, next.reused]).toEqual([200, true]);
    agent.destroy();
  });

  it('gives out nothing outside of the page', async () => {
    const paths = [
      '/../server/headers.txt',
      '/%2e%2e/server/headers.txt',
      '/..%2fserver%2fheaders.txt',
      '//etc/passwd',
    ];
    const others = ['/assets/../../README.txt', '/..\\README.txt', '/assets', '/assets/', '/index.html%00', '/%', '/.'];
    for (const path of [...paths, ...others]) expect((await ask(port, path)).status, path).toBe(404);
  });

  it('refuses other methods, and sites that have led their own name here', async () => {
    expect((await ask(port, '/', { method: 'POST' })).status).toBe(405);
    expect((await ask(port, '/', { method: 'DELETE' })).status).toBe(405);
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1:${port}.evil.example`]) {
      expect((await ask(port, '/', { host })).status, host).toBe(403);
    }
    expect((await ask(port, '/', { host: `localhost:${port}` })).status).toBe(200);
  });

  it('can be reached at 127.0.0.1 only', async () => {
    const reached = new Promise((resolve) => {
      const socket = connect(port, '127.0.0.2', () => resolve('connected')).on('error', () => resolve('refused'));
      socket.unref();
    });
    expect(await reached).toBe('refused');
  });

  it('sends a large file whole, 20 times at once, also where one reader has stopped reading', async () => {
    const stalled = connect(port, '127.0.0.1');
    stalled.write(`GET /models/model.onnx.0 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    stalled.pause();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port, '/models/model.onnx.0')));
    expect(new Set(answers.map(({ body }) => sha256(body)))).toEqual(new Set([sha256(weights)]));
    stalled.destroy();
    expect((await ask(port, '/')).status).toBe(200);
  });

  it('takes the next port where its own is taken, and says so', async () => {
    const second = await startPortable(top, interpreter, port);
    expect(second.port).toBeGreaterThan(port);
    expect(second.said()).toContain(`Port ${port} is taken`);
    await second.stop();
  });

  it('writes nothing, and ends with Ctrl+C', async () => {
    const there = readdirSync(top, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = there.map((entry) => relative(join(top, '..'), join(entry.parentPath, entry.name)));
    expect(paths.sort()).toEqual(Object.keys(unzipSync(zip)).sort());
    await started.stop();
    expect(started.said()).toContain('Stopped.');
    await expect(ask(port, '/')).rejects.toThrow('ECONNREFUSED');
  });
});
