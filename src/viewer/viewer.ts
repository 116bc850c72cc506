/**
 * The viewer without its markup: owns the scan being shown, the view state and the renderer, and draws when something
 * changed. React components subscribe to `state` and send actions; voxels never pass through React.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { type AppError, InternalError } from '../core/errors';
import { reasonOf } from '../core/messages';
import { intensityOfVolume } from '../volume/intensity';
import type { LabelVolume, Volume } from '../volume/volume';
import { colorTable, type LabelStyle } from './layers/labelColors';
import { PLANE_IDS, PLANES, type PlaneId } from './slice/planes';
import { canonicalGrid, dataIndex, sampledPlane } from './slice/sliceGeometry';
import { type PaneToDraw, SliceRenderer } from './slice/sliceRenderer';
import type { TextureBox } from './textures/volumeTexture';
import { isLabelShown, paneProjection } from './viewport/pointing';
import {
  applyAction,
  INITIAL_VIEW,
  type LoadedScan,
  masksDrawn,
  type ViewAction,
  type ViewState,
  type WindowRect,
} from './viewport/viewState';

/** What lies at one voxel. */
export interface Probe {
  readonly intensity: number;
  /** Null without masks. */
  readonly label: LabelStyle | null;
  /** Whether the user sees that label: its structure, and masks at all. */
  readonly labelShown: boolean;
}

const loaded = (volume: Volume): LoadedScan => ({
  grid: canonicalGrid(volume),
  stats: intensityOfVolume(volume),
  orientationDoubt: volume.orientationDoubt,
});

export class Viewer {
  readonly state: StoreApi<ViewState> = createStore(() => INITIAL_VIEW);
  private renderer: SliceRenderer | null = null;
  private canvas: HTMLCanvasElement | null = null;
  private readonly panes = new Map<PlaneId, HTMLElement>();
  private volume: Volume | null = null;
  private labels: LabelVolume | null = null;
  /** Masks in the making, which are shown instead of `labels`; and what the user saw before them. */
  private unfinished: LabelVolume | null = null;
  private beforeUnfinished: Pick<ViewState, 'labels' | 'hidden' | 'labelsVisible'> = INITIAL_VIEW;
  private upload = new AbortController();
  private labelUpload = new AbortController();
  private frame = 0;

  /** @param onError told about what happens outside a call: a scan the graphics hardware cannot show, for example */
  constructor(private readonly onError: (error: AppError) => void = () => undefined) {
    this.state.subscribe((now, before) => {
      if (now.labels !== before.labels || now.hidden !== before.hidden) this.updateColors();
      // The pointer moving changes numbers, not pictures; changed masks are drawn once they are uploaded.
      const { pointer, active, labelRevision, ...drawn } = now;
      if (Object.keys(drawn).some((key) => now[key as keyof ViewState] !== before[key as keyof ViewState]))
        this.requestDraw();
    });
  }

  dispatch = (action: ViewAction): void => this.state.setState((state) => applyAction(state, action), true);

  /** Shows a scan, or nothing. The volume is kept by reference and must not change. */
  setVolume(volume: Volume | null): void {
    if (volume === this.volume) return;
    this.volume = volume;
    this.labels = this.unfinished = null;
    this.upload.abort();
    if (!volume) {
      const { convention, layout, pointer, graphics } = this.state.getState();
      const kept = { convention, layout, pointer, graphics: graphics === 'lost' ? graphics : 'ready' } as const;
      this.state.setState({ ...INITIAL_VIEW, ...kept }, true);
      return;
    }
    this.dispatch({ kind: 'show-scan', scan: loaded(volume) });
    this.uploadAll();
  }

  /** Shows another image in place of the open scan, on the same grid: where the user is, and the masks, stay. */
  showChannel(volume: Volume): void {
    if (volume === this.volume) return;
    this.volume = volume;
    this.upload.abort();
    this.dispatch({ kind: 'show-channel', scan: loaded(volume) });
    this.uploadAll();
  }

  /** Draws masks over the scan; null removes them. `labels` must lie on the scan's grid. */
  setLabels(labels: LabelVolume | null, styles: readonly LabelStyle[]): void {
    if (labels === this.labels) return;
    this.labels = labels;
    this.unfinished = null;
    this.dispatch({ kind: 'show-labels', labels: labels ? styles : [] });
    if (labels) this.uploadLabels();
    else this.renderer?.clearLabels();
  }

  /**
   * Draws masks in the making instead of those that are there.
   * @param unfinished the whole of them, the same object in every call; background where nothing is known yet
   * @param box what has become known since the last call
   */
  addLabels(unfinished: LabelVolume, styles: readonly LabelStyle[], box: TextureBox): void {
    if (unfinished !== this.unfinished) {
      const { labels, hidden, labelsVisible } = this.state.getState();
      this.beforeUnfinished = { labels, hidden, labelsVisible };
      this.unfinished = unfinished;
      this.labelUpload.abort();
      this.labelUpload = new AbortController();
    }
    this.dispatch({ kind: 'show-labels', labels: styles });
    void this.uploadUnfinished(box);
  }

  /** Shows what was there before the masks in the making. */
  dropUnfinishedLabels(): void {
    if (!this.unfinished) return;
    this.unfinished = null;
    this.labelUpload.abort();
    this.renderer?.dropUnfinishedLabels();
    this.state.setState(({ labels, labelRevision }) => ({
      // Of the same structures, the user may have hidden some meanwhile.
      ...(labels !== this.beforeUnfinished.labels && this.beforeUnfinished),
      labelRevision: labelRevision + 1,
    }));
    this.requestDraw();
  }

  /** Starts drawing on a canvas that lies behind the panes. */
  attach(canvas: HTMLCanvasElement): () => void {
    try {
      this.renderer = new SliceRenderer(canvas);
    } catch (error) {
      this.onError(asAppError(error));
      return () => undefined;
    }
    this.canvas = canvas;
    const listeners = new AbortController();
    const { signal } = listeners;
    canvas.addEventListener('webglcontextlost', () => this.contextLost(), { signal });
    canvas.addEventListener('webglcontextrestored', () => this.contextRestored(), { signal });
    window.addEventListener('scroll', () => this.measurePanes(), { signal, capture: true, passive: true });
    const resized = new ResizeObserver(() => this.drawNow());
    resized.observe(canvas);
    // A new context: what became of the one before does not matter.
    this.state.setState({ graphics: 'ready' });
    this.updateColors();
    if (this.volume) this.uploadAll();
    return () => {
      listeners.abort();
      resized.disconnect();
      this.upload.abort();
      cancelAnimationFrame(this.frame);
      this.renderer?.dispose();
      this.renderer = this.canvas = null;
    };
  }

  /** Names the element a plane is drawn behind; null takes it away. */
  setPane(plane: PlaneId, element: HTMLElement | null): void {
    if (element) this.panes.set(plane, element);
    else this.panes.delete(plane);
    this.measurePanes();
    this.requestDraw();
  }

  /** Tells the view where the panes are now; for when they may have moved or changed their size. */
  measurePanes(): void {
    const before = this.state.getState().layout;
    const layout: Partial<Record<PlaneId, WindowRect>> = {};
    for (const [plane, element] of this.panes) {
      const { left, top, width, height } = element.getBoundingClientRect();
      layout[plane] = { left, top, width, height };
    }
    if (PLANE_IDS.some((plane) => !sameRect(layout[plane], before[plane]))) this.state.setState({ layout });
  }

  /** Value and label at a canonical position, or null outside the scan. */
  probe(canonical: readonly [number, number, number]): Probe | null {
    const view = this.state.getState();
    const { scan, labels } = view;
    if (!scan || !this.volume) return null;
    const index = dataIndex(scan.grid, canonical);
    if (index < 0) return null;
    const id = (this.unfinished ?? this.labels)?.data[index];
    const label = id === undefined ? null : (labels.find((style) => style.id === id) ?? null);
    return { intensity: this.volume.data[index], label, labelShown: label !== null && isLabelShown(view, label.id) };
  }

  private async uploadAll(): Promise<void> {
    const { renderer, volume } = this;
    const { scan, graphics } = this.state.getState();
    // What is lost is uploaded when it comes back.
    if (!renderer || !volume || !scan || graphics === 'lost') return;
    this.upload.abort();
    this.upload = new AbortController();
    const { signal } = this.upload;
    this.state.setState({ graphics: 'uploading' });
    try {
      if (!(await renderer.setIntensities(volume.data, volume.dimsXyz, scan.stats, signal))) return;
    } catch (error) {
      this.onError(asAppError(error));
    }
    if (signal.aborted) return;
    this.state.setState({ graphics: 'ready' });
    if (this.labels) await this.uploadLabels();
    if (this.unfinished) await this.uploadUnfinished({ startXyz: [0, 0, 0], dimsXyz: this.unfinished.dimsXyz });
  }

  private async uploadUnfinished(box: TextureBox): Promise<void> {
    const { renderer, unfinished } = this;
    if (!renderer || !unfinished) return;
    const { signal } = this.labelUpload;
    try {
      if (await renderer.addLabels(unfinished.data, unfinished.dimsXyz, box, signal)) this.requestDraw();
    } catch (error) {
      this.onError(asAppError(error));
    }
  }

  private async uploadLabels(): Promise<void> {
    const { renderer, labels } = this;
    if (!renderer || !labels) return;
    this.labelUpload.abort();
    this.labelUpload = new AbortController();
    const { signal } = this.labelUpload;
    const stop = () => this.labelUpload.abort();
    this.upload.signal.addEventListener('abort', stop, { once: true });
    try {
      if (await renderer.setLabels(labels.data, labels.dimsXyz, signal)) this.requestDraw();
    } catch (error) {
      this.onError(asAppError(error));
    }
  }

  private updateColors(): void {
    const { labels, hidden } = this.state.getState();
    this.renderer?.setColors(colorTable(labels, hidden));
  }

  private contextLost(): void {
    this.upload.abort();
    this.state.setState({ graphics: 'lost' });
  }

  // three.js has rebuilt its own state by now; the textures are ours to fill again.
  private contextRestored(): void {
    this.state.setState({ graphics: 'ready' });
    this.updateColors();
    this.uploadAll();
  }

  private requestDraw(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.drawNow());
  }

  private drawNow(): void {
    const { renderer, canvas } = this;
    const view = this.state.getState();
    if (!renderer || !canvas || view.graphics === 'lost') return;
    const origin = canvas.getBoundingClientRect();
    const panes: PaneToDraw[] = [];
    for (const id of PLANE_IDS) {
      const rect = this.panes.get(id)?.getBoundingClientRect();
      const mapping = rect && paneProjection(view, id, rect);
      if (!rect || !mapping || !view.scan) continue;
      panes.push({
        rect: { left: rect.left - origin.left, top: rect.top - origin.top, width: rect.width, height: rect.height },
        plane: sampledPlane(view.scan.grid, mapping, view.crosshair[PLANES[id].normal]),
      });
    }
    const { overlayMode, opacity } = view;
    const masks = masksDrawn(view);
    renderer.draw(panes, {
      window: view.window,
      invert: view.invert,
      fill: masks && overlayMode !== 'outline' ? opacity : 0,
      outline: masks && overlayMode !== 'fill' ? 1 : 0,
    });
  }
}

const sameRect = (a: WindowRect | undefined, b: WindowRect | undefined) =>
  a?.left === b?.left && a?.top === b?.top && a?.width === b?.width && a?.height === b?.height;

const asAppError = (error: unknown): AppError =>
  error instanceof Error && 'code' in error
    ? (error as AppError)
    : new InternalError('viewer-failed', { why: reasonOf(error) }, { cause: error });
