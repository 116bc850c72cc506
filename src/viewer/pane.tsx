/** One slice pane: the letters, lines and numbers over the picture. The picture itself is on the canvas behind. */
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { listenToPane } from './paneGestures';
import { PLANES, type PlaneId } from './planes';
import { formatLength, formatSigned, scaleBarMm } from './readout';
import { canonicalToScreen, edgeLetters, type PaneSize, projection } from './sliceGeometry';
import type { SliceViewer } from './sliceViewer';
import { orientationDoubt } from './viewState';

/** Obliquity below half a degree is rounding in headers, not a tilted scan. */
const OBLIQUE_FROM_DEGREES = 0.5;
const SCALE_BAR_MAX_PX = 120;
/** The lines keep clear of the point they mark. */
const CROSSHAIR_GAP_PX = 9;
/** ... and of the letters. */
const CROSSHAIR_INSET_PX = 30;

export function Pane({ viewer, plane, hidden }: { viewer: SliceViewer; plane: PlaneId; hidden: boolean }) {
  const ref = useRef<HTMLDivElement>(null);
  const size = useStore(viewer.state, (state) => state.layout[plane]);
  const scan = useStore(viewer.state, (view) => view.scan);
  const view = useStore(viewer.state, (state) => state.panes[plane]);
  const inDoubt = useStore(viewer.state, (state) => orientationDoubt(state) !== null);
  const convention = useStore(viewer.state, (state) => state.convention);
  const crosshair = useStore(viewer.state, (state) => state.crosshair);
  const crosshairVisible = useStore(viewer.state, (state) => state.crosshairVisible);
  const maximised = useStore(viewer.state, (state) => state.maximised === plane);
  const active = useStore(viewer.state, (state) => state.active === plane);

  useEffect(() => {
    const element = ref.current;
    if (!element || hidden) return;
    viewer.setPane(plane, element);
    const observer = new ResizeObserver(() => viewer.measurePanes());
    observer.observe(element);
    const stopListening = listenToPane(element, plane, viewer);
    return () => {
      observer.disconnect();
      stopListening();
      viewer.setPane(plane, null);
    };
  }, [viewer, plane, hidden]);

  const { title, normal } = PLANES[plane];
  const slices = scan?.grid.dims[normal] ?? 1;
  const slice = crosshair[normal] + 1;
  const mapping = scan && size && size.width > 0 ? projection(scan.grid, plane, convention, size, view) : null;
  const letters = scan && mapping ? edgeLetters(scan.grid, mapping, inDoubt) : null;
  const bar = mapping ? scaleBarMm(SCALE_BAR_MAX_PX * mapping.mmPerPixel) : 0;

  return (
    // A slider is what a stack of slices is to a keyboard and a screen reader: one number, arrows, Home and End.
    <div
      ref={ref}
      className={`pane pane-${plane}`}
      data-active={active || undefined}
      hidden={hidden}
      role="slider"
      tabIndex={0}
      aria-label={`${title} slice`}
      aria-orientation="vertical"
      aria-valuemin={1}
      aria-valuemax={slices}
      aria-valuenow={slice}
      aria-valuetext={`${title} slice ${slice} of ${slices}`}
      data-letters={letters ? `${letters.left} ${letters.right} ${letters.top} ${letters.bottom}` : undefined}
    >
      {scan && size && mapping && letters && (
        <>
          {crosshairVisible && <Crosshair plane={plane} at={canonicalToScreen(mapping, crosshair)} size={size} />}
          <div className="pane-title">
            <span className="pane-name">{title}</span>
            <span className="pane-slice">
              {slice} / {slices}
            </span>
          </div>
          <div className="pane-corner">
            {scan.grid.obliqueDegrees >= OBLIQUE_FROM_DEGREES && (
              <span
                className="badge"
                title="The scan's axes are tilted against the patient's. Slices follow the scan's own axes; positions in mm are exact."
              >
                oblique {formatSigned(scan.grid.obliqueDegrees, scan.grid.obliqueDegrees < 10 ? 1 : 0)}°
              </span>
            )}
            {maximised && <span className="badge">double click for all panes</span>}
          </div>
          <span className="letter letter-left">{letters.left}</span>
          <span className="letter letter-right">{letters.right}</span>
          <span className="letter letter-top">{letters.top}</span>
          <span className="letter letter-bottom">{letters.bottom}</span>
          <div className="scale" style={{ width: bar / mapping.mmPerPixel }}>
            <span>{formatLength(bar)}</span>
          </div>
        </>
      )}
    </div>
  );
}

/** The colour of a line is that of the plane it stands for: the vertical line in an axial slice is the sagittal plane. */
function Crosshair({ plane, at, size }: { plane: PlaneId; at: readonly [number, number]; size: PaneSize }) {
  const [x, y] = at;
  const planeOf = (axis: number) => (['sagittal', 'coronal', 'axial'] as const)[axis];
  const vertical = `line line-${planeOf(PLANES[plane].horizontal)}`;
  const horizontal = `line line-${planeOf(PLANES[plane].vertical)}`;
  const gap = CROSSHAIR_GAP_PX;
  const inset = CROSSHAIR_INSET_PX;
  const right = size.width - inset;
  const bottom = size.height - inset;
  return (
    <svg className="crosshair" width={size.width} height={size.height} aria-hidden="true">
      <line className={vertical} x1={x} x2={x} y1={inset} y2={Math.max(inset, y - gap)} />
      <line className={vertical} x1={x} x2={x} y1={Math.min(bottom, y + gap)} y2={bottom} />
      <line className={horizontal} y1={y} y2={y} x1={inset} x2={Math.max(inset, x - gap)} />
      <line className={horizontal} y1={y} y2={y} x1={Math.min(right, x + gap)} x2={right} />
    </svg>
  );
}
