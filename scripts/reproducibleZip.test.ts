import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reproducibleZip, type ZipEntry } from './reproducibleZip';

const entry = (path: string, text: string, executable?: boolean): ZipEntry => ({
  path,
  bytes: new TextEncoder().encode(text),
  executable,
});
const entries = [entry('b/läuft.sh', '#!/bin/sh\n', true), entry('a.txt', 'text'), entry('b/model.onnx', 'weights')];
const time = new Date('2026-03-29T02:30:10Z');

describe('a reproducible zip', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'organscope-zip-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has the same bytes whatever the order of its files, and other ones at another time', () => {
    const zip = reproducibleZip(entries, time);
    expect(reproducibleZip([...entries].reverse(), new Date(time.getTime() + 900))).toEqual(zip);
    expect(reproducibleZip(entries, new Date(time.getTime() + 60_000))).not.toEqual(zip);
    expect(Object.keys(unzipSync(zip))).toEqual(['a.txt', 'b/läuft.sh', 'b/model.onnx']);
  });

  it('unpacks with its time in UTC and its permissions', () => {
    const file = join(folder, 'it.zip');
    writeFileSync(file, reproducibleZip(entries, time));
    // An interpreter that is here anyway, and that tells a zip's own fields.
    const code =
      'import sys, zipfile\nfor e in zipfile.ZipFile(sys.argv[1]).infolist(): print(e.filename, e.date_time, oct(e.external_attr >> 16), e.compress_type)';
    const listed = execFileSync('python3', ['-c', code, file], {
      encoding: 'utf8',
      env: { ...process.env, PYTHONUTF8: '1' },
    });
    expect(listed.trim().split('\n')).toEqual([
      'a.txt (2026, 3, 29, 2, 30, 10) 0o100644 8',
      'b/läuft.sh (2026, 3, 29, 2, 30, 10) 0o100755 8',
      'b/model.onnx (2026, 3, 29, 2, 30, 10) 0o100644 0',
    ]);
  });

  it('refuses two files of one path', () => {
    expect(() => reproducibleZip([...entries, entry('a.txt', 'other')], time)).toThrow('"a.txt"');
  });
});
