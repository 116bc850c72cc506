/** One slice pane: the letters, lines and numbers over the picture. The picture itself is on the canvas behind. */
import { type CSSProperties, useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { PLANES, type PlaneId } from '../../viewer/slice/planes';
import { canonicalToScreen, type EdgeLetters, edgeLetters, projection } from '../../viewer/slice/sliceGeometry';
import { listenToPane } from '../../viewer/tools/paneGestures';
import type { Viewer } from '../../viewer/viewer';
import { formatLength, formatSigned, scaleBarMm } from '../../viewer/viewport/readout';
import { orientationDoubt } from '../../viewer/viewport/viewState';

/** Obliquity below half a degree is rounding in headers, not a tilted scan. */
const OBLIQUE_FROM_DEGREES = 0.5;
const SCALE_BAR_MAX_PX = 120;
/** ... and of a narrow pane's width no more than this, which leaves the middle to the letter. */
const SCALE_BAR_MAX_SHARE = 0.3;
/** The lines keep clear of the point they mark. */
const CROSSHAIR_GAP_PX = 9;

export function Pane({ viewer, plane, hidden }: { viewer: Viewer; plane: PlaneId; hidden: boolean }) {
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
  const barMaxPx = Math.min(SCALE_BAR_MAX_PX, SCALE_BAR_MAX_SHARE * (size?.width ?? 0));
  const bar = mapping ? scaleBarMm(barMaxPx * mapping.mmPerPixel) : 0;

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
      {scan && mapping && letters && (
        <>
          {crosshairVisible && <Crosshair plane={plane} at={canonicalToScreen(mapping, crosshair)} letters={letters} />}
          <div className="pane-texts">
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
              {maximised && <span className="badge">Esc or double click for all panes</span>}
            </div>
            <span className="letter letter-left">{letters.left}</span>
            <span className="letter letter-right">{letters.right}</span>
            <span className="letter letter-top">{letters.top}</span>
            <span className="letter letter-bottom">{letters.bottom}</span>
            <div className="scale">
              <span>{formatLength(bar)}</span>
              <div className="scale-bar" style={{ width: bar / mapping.mmPerPixel }} />
            </div>
          </div>
        </>
      )}
    </div>
  );
}

interface CrosshairProps {
  readonly plane: PlaneId;
  /** CSS pixels from the pane's top left corner. */
  readonly at: readonly [x: number, y: number];
  readonly letters: EdgeLetters;
}

/** The colour of a line is that of the plane it stands for: the vertical line in an axial slice is the sagittal plane. */
function Crosshair({ plane, at: [x, y], letters }: CrosshairProps) {
  const planeOf = (axis: number) => (['sagittal', 'coronal', 'axial'] as const)[axis];
  const vertical = `line line-${planeOf(PLANES[plane].horizontal)}`;
  const horizontal = `line line-${planeOf(PLANES[plane].vertical)}`;
  // Lines end where the letters begin, which grow with the font.
  const beside = (text: string) => `${1 + 0.75 * text.length}rem`;
  const above = '2rem';
  const before = (inset: string, to: number) => `max(0px, ${to - CROSSHAIR_GAP_PX}px - ${inset})`;
  const after = (inset: string, from: number) => `max(${inset}, ${from + CROSSHAIR_GAP_PX}px)`;
  const segments: readonly [className: string, style: CSSProperties][] = [
    [vertical, { left: x, width: 1, top: above, height: before(above, y) }],
    [vertical, { left: x, width: 1, top: after(above, y), bottom: above }],
    [horizontal, { top: y, height: 1, left: beside(letters.left), width: before(beside(letters.left), x) }],
    [horizontal, { top: y, height: 1, left: after(beside(letters.left), x), right: beside(letters.right) }],
  ];
  return (
    <div className="crosshair" aria-hidden="true">
      {segments.map(([className, style], i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: always these four
        <div key={i} className={className} style={style} />
      ))}
    </div>
  );
}
