import { describe, expect, it } from 'vitest';
import { readCard } from './card';

const read = (...parts: BlobPart[]) => readCard(new Blob(parts));

describe('readCard', () => {
  it('gives the text, whatever the line ends', async () => {
    expect(await read('# Ähm\r\n\r\nDice 0.9 ± 0.1\r\n')).toBe('# Ähm\r\n\r\nDice 0.9 ± 0.1');
  });

  it('leaves out what stands before the text for machines, and a rule further down in', async () => {
    expect(await read('---\nlicense: mit\ntags:\n- x\n---\n# Card\n\n---\n\nmore')).toBe('# Card\n\n---\n\nmore');
    expect(await read('# Card\n\n---\nnot front matter\n---\n')).toBe('# Card\n\n---\nnot front matter\n---');
  });

  it.each([
    ['an empty file', ['']],
    ['blanks', [' \n\n']],
    ['front matter alone', ['---\nlicense: mit\n---']],
    ['what is not UTF-8', [new Uint8Array([0x23, 0xff, 0xfe])]],
    ['a binary file', [new Uint8Array([0x50, 0x4b, 0, 4])]],
    ['megabytes', ['x'.repeat(2 ** 20)]],
  ])('takes %s for no card', async (_, parts) => {
    expect(await read(...parts)).toBeNull();
  });

  it('takes a file that can no longer be read for no card', async () => {
    const gone = Object.assign(new Blob(['# Card']), {
      arrayBuffer: () => Promise.reject(new DOMException('It was moved.', 'NotFoundError')),
    });
    expect(await readCard(gone)).toBeNull();
  });
});
