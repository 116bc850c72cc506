/** What is on the canvas: pixels of three viewports, and what was uploaded for them. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { gridOf, labelMapId, labelSource, scanSource } from '../testing/views';
import type { Triple } from '../volume/grid';
import { PLANES } from './geometry/planes';
import { canonicalToScreen } from './geometry/sliceGeometry';
import type { LabelSource } from './layers/sources';
import { loadedGraphics, loadGraphics } from './loadGraphics';
import { Viewer } from './viewer';
import { sliceProjection } from './viewport/pointing';
import { shownScan } from './viewport/viewState';

/** Sizes that nothing divides: rows of a texture are not aligned to anything. */
const dims: Triple = [13, 17, 23];
const [nx, ny, nz] = dims;
const grid = gridOf(dims);
const PANE = 160;
const size = { width: PANE, height: PANE };

const indexOf = ([x, y, z]: Triple) => x + nx * (y + ny * z);
const filled = <T extends Uint8Array | Int16Array>(data: T, value: (x: number, y: number, z: number) => number): T => {
  for (let z = 0; z < nz; z++)
    for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++) data[indexOf([x, y, z])] = value(x, y, z);
  return data;
};
const labels = [
  { id: 0, name: 'background', color: [0, 0, 0] },
  { id: 1, name: 'red', color: [255, 0, 0] },
  { id: 2, name: 'green', color: [0, 255, 0] },
  { id: 3, name: 'blue', color: [0, 0, 255] },
] as const;
const masks = (id: string, value: (x: number, y: number, z: number) => number, more: Partial<LabelSource> = {}) =>
  labelSource(id, grid, filled(new Uint8Array(nx * ny * nz), value), { labels, ...more });

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A viewer with a grey scan in three viewports side by side, masks filled and opaque. */
async function opened() {
  await loadGraphics();
  const canvas = document.createElement('canvas');
  canvas.style.cssText = `position: fixed; left: 0; top: 0; width: ${3 * PANE}px; height: ${PANE}px`;
  document.body.append(canvas);
  const onError = vi.fn();
  const viewer = new Viewer(onError);
  for (const [at, { id }] of viewer.state.getState().viewports.entries()) {
    const pane = document.createElement('div');
    pane.style.cssText = `position: fixed; left: ${at * PANE}px; top: 0; width: ${PANE}px; height: ${PANE}px`;
    document.body.append(pane);
    viewer.setViewportElement(id, pane);
    closing.push(() => pane.remove());
  }
  closing.push(viewer.attach(canvas), () => canvas.remove());
  const gl = canvas.getContext('webgl2') as WebGL2RenderingContext;
  const uploads = vi.spyOn(gl, 'texSubImage3D');
  viewer.setScan(
    scanSource(
      'scan',
      grid,
      filled(new Int16Array(nx * ny * nz), (x, y, z) => 20 + x + y + z),
    ),
  );
  viewer.dispatch({ kind: 'overlay', mode: 'fill' });
  viewer.dispatch({ kind: 'opacity', value: 1 });
  await expect.poll(() => viewer.state.getState().graphics).toBe('ready');

  /** Draws, and reads the pixel over a voxel of the slice that each viewport shows. */
  const picture = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    viewer.setViewportElement('no such viewport', null);
    const copy = new OffscreenCanvas(3 * PANE, PANE).getContext('2d') as OffscreenCanvasRenderingContext2D;
    // The canvas can be read in the frame in which it was drawn, after the viewer's own callback.
    await new Promise<void>((resolve) =>
      requestAnimationFrame(() => {
        copy.drawImage(canvas, 0, 0);
        resolve();
      }),
    );
    const { data } = copy.getImageData(0, 0, 3 * PANE, PANE);
    const view = viewer.state.getState();
    const voxels: { readonly at: Triple; readonly rgb: number[] }[] = [];
    for (const [left, viewport] of view.viewports.entries()) {
      const { normal, horizontal, vertical } = PLANES[viewport.plane];
      const mapping = sliceProjection(view, viewport, size);
      const scan = shownScan(view);
      if (!mapping || !scan) throw new Error('no scan');
      for (let h = 0; h < scan.grid.dims[horizontal]; h++) {
        for (let v = 0; v < scan.grid.dims[vertical]; v++) {
          const at: [number, number, number] = [0, 0, 0];
          at[normal] = view.crosshair[normal];
          at[horizontal] = h;
          at[vertical] = v;
          const [x, y] = canonicalToScreen(mapping, at);
          const pixel = 4 * (left * PANE + Math.floor(x) + 3 * PANE * Math.floor(y));
          voxels.push({ at, rgb: [...data.subarray(pixel, pixel + 3)] });
        }
      }
    }
    return voxels;
  };
  /** Voxels that were sent to label textures since the last call. */
  const uploaded = () => {
    const sizes = uploads.mock.calls
      .filter((call) => (call as unknown[])[8] === gl.RED_INTEGER)
      .map((call) => (call as unknown[]).slice(2, 8) as number[]);
    uploads.mockClear();
    return sizes;
  };
  return { viewer, canvas, gl, picture, uploaded, onError };
}

type Voxels = Awaited<ReturnType<Awaited<ReturnType<typeof opened>>['picture']>>;

const nameOf = ([r, g, b]: number[]) =>
  r === g && g === b ? 'grey' : (labels.find(({ color }) => `${color}` === `${[r, g, b]}`)?.name ?? `${[r, g, b]}`);

/** Voxels whose colour is not the expected one. */
const wrong = (voxels: Voxels, expected: (at: Triple) => string) =>
  voxels.flatMap(({ at, rgb }) => (nameOf(rgb) === expected(at) ? [] : [`${at}: ${nameOf(rgb)}, not ${expected(at)}`]));

// The first test of the file: once what draws is there, it stays.
it('draws on a canvas when what draws arrives, unless the canvas went before', async () => {
  expect(loadedGraphics()).toBeNull();
  const viewer = new Viewer((error) => expect.unreachable(error.code));
  const [gone, canvas] = [document.createElement('canvas'), document.createElement('canvas')];
  viewer.setScan(scanSource('scan', grid, new Int16Array(nx * ny * nz)));
  viewer.attach(gone)();
  closing.push(viewer.attach(canvas));
  expect(viewer.state.getState().graphics).toBe('uploading');
  await expect.poll(() => viewer.state.getState().graphics).toBe('ready');
  // A canvas that has a WebGL context has no other.
  expect([gone.getContext('2d') === null, canvas.getContext('2d') === null]).toEqual([false, true]);
});

describe('two label maps over one scan', () => {
  const below = masks('below', (x, y, z) => ((x + y + z) % 3 === 0 ? 1 : 0));
  const above = masks('above', (x, y, z) => [0, 0, 2, 0, 3][(x + 2 * y + 3 * z) % 5]);
  const inBelow = (at: Triple) => labels[below.data[indexOf(at)]].name;
  const inAbove = (at: Triple) => labels[above.data[indexOf(at)]].name;
  const nameAt = (names: string[]) => names.find((name) => name !== 'background') ?? 'grey';

  it('are drawn in their order, in every viewport, voxel by voxel', async () => {
    const { viewer, picture, onError } = await opened();
    expect(wrong(await picture(), () => 'grey')).toEqual([]);
    viewer.setLabelMaps([below, above]);
    expect(wrong(await picture(), (at) => nameAt([inAbove(at), inBelow(at)]))).toEqual([]);
    viewer.setLabelMaps([above, below]);
    expect(wrong(await picture(), (at) => nameAt([inBelow(at), inAbove(at)]))).toEqual([]);
    expect(onError).not.toHaveBeenCalled();
  });

  it('let the lower one be seen where a structure of the upper one is hidden, or all of it', async () => {
    const { viewer, picture } = await opened();
    viewer.setLabelMaps([below, above]);
    viewer.dispatch({ kind: 'toggle-label', ids: [2], of: labelMapId('above') });
    const withoutGreen = (at: Triple) => (inAbove(at) === 'green' ? 'background' : inAbove(at));
    expect(wrong(await picture(), (at) => nameAt([withoutGreen(at), inBelow(at)]))).toEqual([]);
    viewer.setLabelMaps([below, above], below.id);
    expect(wrong(await picture(), (at) => nameAt([inBelow(at)]))).toEqual([]);
    viewer.dispatch({ kind: 'toggle-labels' });
    expect(wrong(await picture(), () => 'grey')).toEqual([]);
  });

  it('are uploaded once for all viewports, and freed when they go', async () => {
    const { viewer, gl, picture, uploaded } = await opened();
    const freed = vi.spyOn(gl, 'deleteTexture');
    uploaded();
    viewer.setLabelMaps([below, above]);
    await picture();
    expect(uploaded()).toEqual([
      [0, 0, 0, nx, ny, nz],
      [0, 0, 0, nx, ny, nz],
    ]);
    viewer.setLabelMaps([above, below]);
    viewer.setLabelMaps([below]);
    await picture();
    expect(uploaded()).toEqual([]);
    // Its labels and its colours.
    expect(freed).toHaveBeenCalledTimes(2);
  });
});

describe('an edited label map', () => {
  it('uploads the box that a revision has changed, and nothing for the revision that is there', async () => {
    const { viewer, picture, uploaded } = await opened();
    const map = masks('edited', () => 1);
    viewer.setLabelMaps([map]);
    await picture();
    uploaded();
    viewer.setLabelMaps([{ ...map }]);
    await picture();
    expect(uploaded()).toEqual([]);
    const box = { startXyz: [3, 5, 7], dimsXyz: [7, 9, 11] } as const;
    const inBox = (at: Triple) =>
      at.every((i, axis) => i >= box.startXyz[axis] && i < box.startXyz[axis] + box.dimsXyz[axis]);
    // All of the array changes, but only the box is told: what is drawn outside is what was uploaded before.
    filled(map.data, (x, y, z) => 2 + ((x + y + z) % 2));
    viewer.setLabelMaps([{ ...map, revision: 1, changed: box }]);
    const after = (at: Triple) => (inBox(at) ? labels[map.data[indexOf(at)]].name : 'red');
    expect(wrong(await picture(), after)).toEqual([]);
    expect(uploaded()).toEqual([[3, 5, 7, 7, 9, 11]]);
    // A revision that was missed may have changed anything.
    viewer.setLabelMaps([{ ...map, revision: 3, changed: { startXyz: [0, 0, 0], dimsXyz: [1, 1, 1] } }]);
    expect(wrong(await picture(), (at) => labels[map.data[indexOf(at)]].name)).toEqual([]);
    expect(uploaded()).toEqual([[0, 0, 0, nx, ny, nz]]);
  });

  it('that is new begins with background, and is whole again when the graphics context comes back', async () => {
    const { viewer, gl, picture } = await opened();
    const map = masks('run', () => 3);
    const slices = (from: number, to: number) => ({ startXyz: [0, 0, from], dimsXyz: [nx, ny, to - from] }) as const;
    viewer.setLabelMaps([{ ...map, changed: slices(0, 9) }], map.id);
    expect(wrong(await picture(), ([, , z]) => (z < 9 ? 'blue' : 'grey'))).toEqual([]);
    viewer.setLabelMaps([{ ...map, revision: 1, changed: slices(9, nz) }], map.id);
    expect(wrong(await picture(), () => 'blue')).toEqual([]);

    const loss = gl.getExtension('WEBGL_lose_context');
    loss?.loseContext();
    await expect.poll(() => viewer.state.getState().graphics).toBe('lost');
    loss?.restoreContext();
    await expect.poll(() => viewer.state.getState().graphics).toBe('ready');
    await expect.poll(async () => wrong(await picture(), () => 'blue')).toEqual([]);
  });
});
