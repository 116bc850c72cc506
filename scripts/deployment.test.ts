/** What docs/deployment.md says is as the code has it, and what it gives to copy can be copied. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PLACES } from '../src/core/storedPlaces';
import { root } from './setup.mjs';

const text = readFileSync(join(root, 'docs/deployment.md'), 'utf8');
const blocks = (language: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g'))].map(([, x]) => x);
const stored = text.slice(text.indexOf('## What is stored'), text.indexOf('## Installing it'));

describe('the page for the IT department', () => {
  it('names every place where something is stored, and no other', () => {
    const named = [...stored.matchAll(/`(organscope[^`…]*)/g)].map(([, name]) => name);
    expect([...new Set(named)].sort()).toEqual([...new Set(Object.values(PLACES).map(({ name }) => name))].sort());
  });

  it('has policies that are valid JSON, with an address that ends with a slash', () => {
    const policies = blocks('json').map((block) => JSON.parse(block));
    expect(policies).toHaveLength(3);
    const apps = [...policies[0].WebAppInstallForceList, ...policies[1]];
    for (const app of apps) {
      expect(app).toEqual({
        url: expect.stringMatching(/^https:.*\/$/),
        default_launch_container: 'window',
        create_desktop_shortcut: true,
      });
    }
    expect(policies[2]).toEqual([{ manifest_id: apps[0].url, run_on_os_login: 'blocked' }]);
  });

  it('has a configuration profile whose elements are closed', () => {
    const [profile] = blocks('xml');
    const open: string[] = [];
    for (const [, slash, name] of profile.matchAll(/<(\/?)(\w+)>/g)) {
      if (!slash) open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });

  it('leads to files that are there, and is short', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => join(root, 'docs', path));
    expect(links.filter((path) => !existsSync(path))).toEqual([]);
    expect(text.split('\n').length).toBeLessThanOrEqual(200);
  });
});
