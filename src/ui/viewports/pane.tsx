/** One slice pane: the letters, lines and numbers over the picture. The picture itself is on the canvas behind. */
import { type CSSProperties, useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { say, t } from '../../locales/say';
import { PLANES, type PlaneId } from '../../viewer/geometry/planes';
import { canonicalToScreen, type EdgeLetters, edgeLetters, projection } from '../../viewer/geometry/sliceGeometry';
import { listenToViewport } from '../../viewer/tools/listenToViewport';
import type { Viewer } from '../../viewer/viewer';
import { formatLength, formatSigned, scaleBarMm } from '../../viewer/viewport/readout';
import type { Viewport } from '../../viewer/viewport/viewport';
import { orientationDoubt, shownScan } from '../../viewer/viewport/viewState';

/** Obliquity below half a degree is rounding in headers, not a tilted scan. */
const OBLIQUE_FROM_DEGREES = 0.5;
const SCALE_BAR_MAX_PX = 120;
/** ... and of a narrow pane's width no more than this, which leaves the middle to the letter. */
const SCALE_BAR_MAX_SHARE = 0.3;
/** The lines keep clear of the point they mark. */
const CROSSHAIR_GAP_PX = 9;

const EDGES = ['left', 'right', 'top', 'bottom'] as const;

interface PaneProps {
  readonly viewer: Viewer;
  readonly viewport: Viewport;
  /** Another one is maximised. */
  readonly hidden: boolean;
}

export function Pane({ viewer, viewport, hidden }: PaneProps) {
  const { id, plane, camera } = viewport;
  const ref = useRef<HTMLDivElement>(null);
  const size = useStore(viewer.state, (state) => state.layout[id]);
  const scan = useStore(viewer.state, shownScan);
  const inDoubt = useStore(viewer.state, (state) => orientationDoubt(state) !== null);
  const convention = useStore(viewer.state, (state) => state.convention);
  const crosshair = useStore(viewer.state, (state) => state.crosshair);
  const crosshairVisible = useStore(viewer.state, (state) => state.crosshairVisible);
  const maximised = useStore(viewer.state, (state) => state.maximised === id);
  const active = useStore(viewer.state, (state) => state.active === id);

  useEffect(() => {
    const element = ref.current;
    if (!element || hidden) return;
    viewer.setViewportElement(id, element);
    const observer = new ResizeObserver(() => viewer.measureViewports());
    observer.observe(element);
    const stopListening = listenToViewport(element, id, viewer);
    return () => {
      observer.disconnect();
      stopListening();
      viewer.setViewportElement(id, null);
    };
  }, [viewer, id, hidden]);

  const { title, normal } = PLANES[plane];
  const slices = scan?.grid.dims[normal] ?? 1;
  const slice = crosshair[normal] + 1;
  const mapping = scan && size && size.width > 0 ? projection(scan.grid, plane, convention, size, camera) : null;
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
      aria-label={t('plane-slice', { plane: title })}
      aria-orientation="vertical"
      aria-valuemin={1}
      aria-valuemax={slices}
      aria-valuenow={slice}
      aria-valuetext={t('plane-slice-of', { plane: title, slice: `${slice}`, slices: `${slices}` })}
      data-letters={letters ? EDGES.map((edge) => letters[edge]).join(' ') : undefined}
    >
      {scan && mapping && letters && (
        <>
          {crosshairVisible && <Crosshair plane={plane} at={canonicalToScreen(mapping, crosshair)} letters={letters} />}
          <div className="pane-texts">
            <div className="pane-title">
              <span className="pane-name">{say(title)}</span>
              <span className="pane-slice">
                {slice} / {slices}
              </span>
            </div>
            <div className="pane-corner">
              {scan.grid.obliqueDegrees >= OBLIQUE_FROM_DEGREES && (
                <span className="badge" title={t('oblique-explained')}>
                  {t('oblique', {
                    degrees: formatSigned(scan.grid.obliqueDegrees, scan.grid.obliqueDegrees < 10 ? 1 : 0),
                  })}
                </span>
              )}
              {maximised && <span className="badge">{t('how-to-see-all-panes')}</span>}
            </div>
            {EDGES.map((edge) => (
              <span key={edge} className={`letter letter-${edge}`} translate="no">
                {letters[edge]}
              </span>
            ))}
            <div className="scale" translate="no">
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
