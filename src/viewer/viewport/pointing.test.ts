import { describe, expect, it } from 'vitest';
import { scanOf, shownLabels, shownScan } from '../../testing/views';
import { PLANES } from '../geometry/planes';
import { canonicalToScreen } from '../geometry/sliceGeometry';
import { isLabelDrawn } from '../layers/layer';
import { applyAction, type ViewAction } from './actions';
import { readPlace, sliceProjection } from './pointing';
import { INITIAL_VIEW, topLabelLayer, type ViewState, viewportOf } from './viewState';

const layout = {
  axial: { left: 0, top: 50, width: 400, height: 400 },
  coronal: { left: 401, top: 50, width: 200, height: 200 },
};
const shown = shownScan([21, 31, 41], undefined, { ...INITIAL_VIEW, layout });

/** Where in the window a voxel's centre is drawn. */
function pixelOf(view: ViewState, plane: 'axial' | 'coronal', voxel: readonly [number, number, number]) {
  const mapping = sliceProjection(view, viewportOf(view, plane), layout[plane]);
  if (!mapping) throw new Error('no scan');
  const [x, y] = canonicalToScreen(mapping, voxel);
  return [layout[plane].left + x, layout[plane].top + y] as const;
}
const acted = (view: ViewState, ...actions: ViewAction[]) => actions.reduce(applyAction, view);

describe('what lies under a pointer that rests', () => {
  const resting: ViewState = { ...shown, pointer: pixelOf(shown, 'axial', [4, 7, 20]) };
  const place = (view: ViewState) => readPlace(view)?.at;

  it('is in the slice on show', () => {
    expect(readPlace(resting)).toEqual({ of: 'pointer', at: [4, 7, 20] });
    expect(place(acted(resting, { kind: 'step', viewport: 'axial', by: -2 }))).toEqual([4, 7, 18]);
    expect(place(acted(resting, { kind: 'first-slice', viewport: 'axial' }))).toEqual([4, 7, 0]);
    expect(place(acted(resting, { kind: 'crosshair', to: [0, 0, 33] }))).toEqual([4, 7, 33]);
    // Slices of other planes pass elsewhere.
    expect(place(acted(resting, { kind: 'step', viewport: 'coronal', by: 5 }))).toEqual([4, 7, 20]);
  });

  it('follows zoom, pan and the convention', () => {
    const size = layout.axial;
    const [x, y] = [resting.pointer?.[0] ?? 0, resting.pointer?.[1] ?? 0];
    const about = [x - size.left, y - size.top] as const;
    expect(place(acted(resting, { kind: 'zoom', viewport: 'axial', factor: 5, at: about, size }))).toEqual([4, 7, 20]);
    // Radiological: the patient's right is on the left; what moves right and down brings more right and anterior there.
    expect(place(acted(resting, { kind: 'pan', viewport: 'axial', mm: [3, -2] }))).toEqual([7, 9, 20]);
    expect(place(acted(resting, { kind: 'convention', convention: 'neurological' }))).toEqual([16, 7, 20]);
  });

  it('stays in the middle of a pane that is zoomed and panned when the sides change', () => {
    const middle: ViewState = { ...shown, pointer: [200, 250] };
    const near = acted(
      middle,
      { kind: 'zoom', viewport: 'axial', factor: 4, at: [200, 200], size: layout.axial },
      { kind: 'pan', viewport: 'axial', mm: [6, -3] },
    );
    expect(place(near)).toEqual([16, 18, 20]);
    const mirrored = acted(near, { kind: 'convention', convention: 'neurological' });
    expect(place(mirrored)).toEqual([16, 18, 20]);
    expect(viewportOf(mirrored, 'axial').camera.zoom).toBe(4);
    expect(acted(mirrored, { kind: 'convention', convention: 'radiological' }).viewports).toEqual(near.viewports);
  });

  it('follows panes that move and disappear', () => {
    const [x, y] = pixelOf(shown, 'coronal', [15, 15, 30]);
    const overCoronal: ViewState = { ...shown, pointer: [x, y] };
    expect(place(overCoronal)).toEqual([15, 15, 30]);
    const { coronal, ...others } = layout;
    expect(readPlace({ ...overCoronal, layout: others })).toEqual({ of: 'crosshair', at: shown.crosshair });
    const whole = { axial: { left: 0, top: 50, width: 800, height: 400 } };
    expect(readPlace({ ...overCoronal, layout: whole })?.at[PLANES.axial.normal]).toBe(20);
    // The page was scrolled by 30 pixels, 30 / 200 of the pane.
    const scrolled = { ...layout, coronal: { ...coronal, top: coronal.top - 30 } };
    expect(place({ ...overCoronal, layout: scrolled })?.[2]).toBeLessThan(30 - 5);
  });

  it('is of the scan on show', () => {
    const [before, smaller] = [resting, acted(resting, { kind: 'show-scan', scan: scanOf([5, 5, 5]) })];
    expect(place(before)).toEqual([4, 7, 20]);
    expect(place(smaller)?.every((index) => index < 5)).toBe(true);
  });
});

describe('the crosshair is read', () => {
  const crosshair = { of: 'crosshair', at: shown.crosshair };

  it('without a pointer, and with one beside the panes or the scan', () => {
    expect(readPlace(shown)).toEqual(crosshair);
    expect(readPlace({ ...shown, pointer: [300, 20] })).toEqual(crosshair);
    expect(readPlace({ ...shown, pointer: [500, 300] })).toEqual(crosshair);
    // In the margin of the axial pane.
    expect(readPlace({ ...shown, pointer: [200, 52] })).toEqual(crosshair);
    expect(readPlace({ ...shown, pointer: [2, 250] })).toEqual(crosshair);
  });

  it('up to half a voxel beside the outermost centres is inside', () => {
    const edge = (x: number) => readPlace({ ...shown, pointer: pixelOf(shown, 'axial', [x, 15, 20]) })?.of;
    expect([-0.6, -0.4, 20.4, 20.6].map(edge)).toEqual(['crosshair', 'pointer', 'pointer', 'crosshair']);
  });

  it('is nothing without a scan', () => {
    expect(readPlace({ ...INITIAL_VIEW, layout, pointer: [100, 100] })).toBeNull();
  });
});

describe('a label is shown', () => {
  it('while its structure is, masks are, and they are not wholly transparent', () => {
    const masked = shownLabels(shown, [1, 2, 3]);
    const isShown = (...actions: ViewAction[]) => {
      const layer = topLabelLayer(acted(masked, ...actions));
      return layer && isLabelDrawn(layer, 2);
    };
    expect(isShown()).toBe(true);
    expect(isShown({ kind: 'toggle-label', ids: [2] })).toBe(false);
    expect(isShown({ kind: 'toggle-label', ids: [3] })).toBe(true);
    expect(isShown({ kind: 'toggle-labels' })).toBe(false);
    expect(isShown({ kind: 'opacity', value: 0 })).toBe(false);
  });
});
