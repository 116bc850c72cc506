import { describe, expect, it, vi } from 'vitest';
import type { NamedFile } from '../../files/namedFile';
import { openAll } from './openAll';

const file = (path: string): NamedFile => ({ path, file: new Blob([path]) });

/** An app whose sorting ends when it is told to. */
function slowlySorting() {
  const sorting = new Map<string, (sorted: object) => void>();
  const app = {
    files: { sortDrop: vi.fn(([{ path }]) => new Promise<never>((r) => sorting.set(path, r as never))) },
    openFiles: vi.fn(async () => true),
    addModel: vi.fn(async () => {}),
    report: vi.fn(),
    inform: vi.fn(),
  };
  const sorted = (path: string, found: object) => sorting.get(path)?.({ scans: [], model: [], leftOut: [], ...found });
  return { app, sorted };
}

describe('files that are opened while others are being sorted', () => {
  it('stay open when an archive that was dropped before is sorted at last', async () => {
    const { app, sorted } = slowlySorting();
    const archive = openAll(app, [file('large.zip')]);
    const scan = openAll(app, [file('scan.nii')]);
    sorted('scan.nii', { scans: [file('scan.nii')] });
    await scan;
    sorted('large.zip', { scans: [file('large.zip/old.nii')], model: [file('model.json')] });
    await archive;
    expect(app.openFiles.mock.calls).toEqual([[[file('scan.nii')], undefined]]);
    // A model takes nothing's place.
    expect(app.addModel).toHaveBeenCalledOnce();
  });

  it('are opened one after the other where they are sorted so', async () => {
    const { app, sorted } = slowlySorting();
    const both = [openAll(app, [file('a.nii')]), openAll(app, [file('b.nii')])];
    sorted('a.nii', { scans: [file('a.nii')] });
    sorted('b.nii', { scans: [file('b.nii')] });
    await Promise.all(both);
    expect(app.openFiles).toHaveBeenCalledTimes(2);
  });

  it('do not keep scans back because a model was dropped after them', async () => {
    const { app, sorted } = slowlySorting();
    const scan = openAll(app, [file('scan.nii')]);
    const model = openAll(app, [file('model.zip')]);
    sorted('model.zip', { model: [file('model.json')] });
    await model;
    sorted('scan.nii', { scans: [file('scan.nii')] });
    await scan;
    expect(app.openFiles).toHaveBeenCalledOnce();
  });
});
