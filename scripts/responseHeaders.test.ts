import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CACHE_HASHED, CACHE_OTHERS, DEFAULT_TYPE, HASHED_NAME, mediaTypes, responseHeaders } from './responseHeaders';

const read = (name: string) => readFileSync(new URL(`../hosting/${name}`, import.meta.url), 'utf8');

/** All `NAME "VALUE"` lines of the pattern, by name. */
const pairs = (text: string, line: RegExp) => Object.fromEntries([...text.matchAll(line)].map(([, a, b]) => [a, b]));

describe('the example files of hosting/ say what responseHeaders.ts says', () => {
  const nginx = read('nginx.conf');
  const caddy = read('Caddyfile');

  it('nginx: headers, types and what is kept how long', () => {
    const { 'Cache-Control': cache, ...headers } = pairs(nginx, /^ +add_header (\S+) "?(.+?)"? always;$/gm);
    expect(headers).toEqual(responseHeaders);
    expect(cache).toBe('$organscope_cache');
    expect(pairs(nginx, /^ +"?(default|~\^.*?)"? "(.*)";$/gm)).toEqual({
      default: CACHE_OTHERS,
      [`~^(200|206|304):.*${HASHED_NAME}`]: CACHE_HASHED,
    });
    const [, types] = /types \{\n([^}]+)\}/.exec(nginx) ?? [];
    const typeOf = [...types.matchAll(/^ +(\S+) (\S+);$/gm)].map(([, type, end]) => [end, type]);
    expect(Object.fromEntries(typeOf)).toEqual(mediaTypes);
    expect(nginx).toContain(`default_type ${DEFAULT_TYPE};`);
    expect(/gzip_types (.+);/.exec(nginx)?.[1]).not.toMatch(/application\/gzip|octet-stream/);
  });

  it('Caddy: headers, the types that it does not know and what is kept how long', () => {
    const { 'Cache-Control': cache, ...headers } = pairs(caddy, /^\t\t\t\??([A-Z]\S+) "(.+)"$/gm);
    expect(headers).toEqual(responseHeaders);
    expect(cache).toBe(CACHE_OTHERS);
    expect(caddy).toContain(`path_regexp ${HASHED_NAME}\n`);
    expect(caddy).toContain(`header @hashed Cache-Control "${CACHE_HASHED}"`);
    const ends = Object.keys(mediaTypes).filter((end) =>
      new RegExp(`^\\t\\theader @${end} Content-Type `, 'm').test(caddy),
    );
    expect(ends).toEqual(['gz', 'js', 'md', 'wasm', 'webmanifest']);
    for (const end of ends) expect(caddy).toContain(`header @${end} Content-Type ${mediaTypes[end]}\n`);
  });

  it('the container takes the tested file', () => {
    expect(read('Containerfile')).toContain('COPY hosting/nginx.conf /etc/nginx/conf.d/default.conf');
    expect(nginx).toContain('alias /srv/organscope/;');
    expect(read('Containerfile')).toContain('COPY dist/ /srv/organscope/');
  });
});
