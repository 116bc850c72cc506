/**
 * The viewer without its markup: owns the sources, the view state and the renderer, and draws when something changed.
 * React components subscribe to `state` and send actions; voxels never pass through React.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { AppError, InternalError } from '../core/errors';
import { reasonOf } from '../core/messages';
import type { LabelMapId } from '../study/document';
import type { Triple } from '../volume/grid';
import { PLANES } from './geometry/planes';
import { sampledPlane } from './geometry/sliceGeometry';
import { isDrawn, type LabelLayer } from './layers/layer';
import { type LabelSource, labelFacts, type ScanSource, type SourceId, scanFacts } from './layers/sources';
import { loadedGraphics, loadGraphics } from './loadGraphics';
import type { DrawnLabels } from './slice/sliceMaterial';
import type { DrawnSlice, SliceRenderer } from './slice/sliceRenderer';
import type { SourceTextures } from './textures/sourceTextures';
import { applyAction, type ViewAction } from './viewport/actions';
import { sliceProjection } from './viewport/pointing';
import { type Probe, probeVoxel } from './viewport/probe';
import type { Viewport, ViewportId } from './viewport/viewport';
import { ViewportElements } from './viewport/viewportElements';
import { INITIAL_VIEW, scanLayerOf, shownLabelLayers, type ViewState } from './viewport/viewState';

/** What a change of the view does not draw: the pointer changes numbers, and changed masks follow their upload. */
const NOT_DRAWN: ReadonlySet<string> = new Set<keyof ViewState>(['pointer', 'active', 'labelMaps']);

export class Viewer {
  readonly state: StoreApi<ViewState> = createStore(() => INITIAL_VIEW);
  private canvas: HTMLCanvasElement | null = null;
  private renderer: SliceRenderer | null = null;
  private textures: SourceTextures | null = null;
  private readonly elements = new ViewportElements();
  private scan: ScanSource | null = null;
  private labelMaps: readonly LabelSource[] = [];
  /** The masks that each viewport has drawn last: they stay until those that follow them have been uploaded. */
  private readonly drawnMasks = new Map<ViewportId, readonly LabelLayer[]>();
  private frame = 0;

  /** @param onError told about what happens outside a call: a scan the graphics hardware cannot show, for example */
  constructor(private readonly onError: (error: AppError) => void = () => undefined) {
    this.state.subscribe((now, before) => {
      const changed = Object.keys(now).filter((key) => now[key as keyof ViewState] !== before[key as keyof ViewState]);
      if (changed.some((key) => !NOT_DRAWN.has(key))) this.requestDraw();
    });
  }

  dispatch = (action: ViewAction): void => this.state.setState((state) => applyAction(state, action), true);

  /** Shows a scan as one just opened, without masks; or nothing. */
  setScan(scan: ScanSource | null): void {
    if (scan?.id === this.scan?.id) return;
    this.scan = scan;
    this.labelMaps = [];
    this.drawnMasks.clear();
    this.freeTextures();
    if (!scan) {
      const { convention, layout, pointer, graphics } = this.state.getState();
      const kept = { convention, layout, pointer, graphics: graphics === 'lost' ? graphics : 'ready' } as const;
      this.state.setState({ ...INITIAL_VIEW, ...kept }, true);
      return;
    }
    this.dispatch({ kind: 'show-scan', scan: scanFacts(scan) });
    void this.uploadScan();
  }

  /** Shows another scan in place of the open one, on the same grid: where the user is, and the masks, stay. */
  showChannel(scan: ScanSource): void {
    if (scan.id === this.scan?.id) return;
    this.scan = scan;
    this.freeTextures();
    this.dispatch({ kind: 'show-channel', scan: scanFacts(scan) });
    void this.uploadScan();
  }

  /**
   * Draws masks over the scan, from the bottom up; those that are not named go. Of one that is known, only what its
   * revision has changed is uploaded.
   * @param maps on the scan's grid
   * @param only while given, its masks are shown alone
   * @throws InternalError('labels-off-grid') where one has another size than the scan
   */
  setLabelMaps(maps: readonly LabelSource[], only: LabelMapId | null = null): void {
    for (const { id, data } of maps)
      if (data.length !== this.scan?.data.length) throw new InternalError('labels-off-grid', { id });
    const known = new Set(this.labelMaps.map(({ id }) => id));
    this.labelMaps = maps;
    this.dispatch({ kind: 'show-label-maps', maps: maps.map(labelFacts), only });
    for (const map of maps) this.uploadLabels(map, !known.has(map.id));
    this.requestDraw();
  }

  /** Starts drawing on a canvas that lies behind the viewports, as soon as there is what draws. @returns ends it */
  attach(canvas: HTMLCanvasElement): () => void {
    const graphics = loadedGraphics();
    if (graphics) return this.drawOn(canvas, graphics);
    let end: (() => void) | null = null;
    let ended = false;
    this.state.setState({ graphics: 'uploading' });
    loadGraphics().then(
      (arrived) => {
        if (!ended) end = this.drawOn(canvas, arrived);
      },
      (error) => {
        this.state.setState({ graphics: 'ready' });
        this.fail(error);
      },
    );
    return () => {
      ended = true;
      end?.();
    };
  }

  private drawOn(
    canvas: HTMLCanvasElement,
    { SliceRenderer, SourceTextures }: Awaited<ReturnType<typeof loadGraphics>>,
  ): () => void {
    try {
      this.renderer = new SliceRenderer(canvas);
    } catch (error) {
      this.fail(error);
      return () => undefined;
    }
    this.canvas = canvas;
    const told = { onUploaded: () => this.requestDraw(), onError: (error: unknown) => this.fail(error) };
    this.textures = new SourceTextures(this.renderer.gl, told);
    const listeners = new AbortController();
    const { signal } = listeners;
    canvas.addEventListener('webglcontextlost', () => this.contextLost(), { signal });
    canvas.addEventListener('webglcontextrestored', () => this.contextRestored(), { signal });
    window.addEventListener('scroll', () => this.measureViewports(), { signal, capture: true, passive: true });
    const resized = new ResizeObserver(() => this.drawNow());
    resized.observe(canvas);
    // A new context: what became of the one before does not matter.
    this.contextRestored();
    return () => {
      listeners.abort();
      resized.disconnect();
      cancelAnimationFrame(this.frame);
      this.textures?.keepOnly(new Set());
      this.renderer?.dispose();
      this.drawnMasks.clear();
      this.renderer = this.canvas = this.textures = null;
    };
  }

  /** Names the element a viewport is drawn behind; null takes it away. */
  setViewportElement(id: ViewportId, element: HTMLElement | null): void {
    this.elements.set(id, element);
    this.measureViewports();
    this.requestDraw();
  }

  /** Tells the view where the viewports are now; for when they may have moved or changed their size. */
  measureViewports(): void {
    const { layout: before } = this.state.getState();
    const layout = this.elements.layout(before);
    if (layout !== before) this.state.setState({ layout });
  }

  /** Value and label at a canonical position, or null outside the scan. */
  probe = (canonical: Triple): Probe | null =>
    this.scan && probeVoxel(this.state.getState(), this.scan, this.labelMaps, canonical);

  private async uploadScan(): Promise<void> {
    const { textures, scan } = this;
    // What is lost is uploaded when it comes back.
    if (!textures || !scan || this.state.getState().graphics === 'lost') return;
    this.state.setState({ graphics: 'uploading' });
    try {
      if (!(await textures.addScan(scan))) return;
    } catch (error) {
      this.fail(error);
    }
    if (scan === this.scan && textures === this.textures) this.state.setState({ graphics: 'ready' });
  }

  /** @param isNew where not, the GPU may lack more than what the last revision changed */
  private uploadLabels(map: LabelSource, isNew: boolean): void {
    if (!this.textures || this.state.getState().graphics === 'lost') return;
    const isThere = this.textures.labelMap(map.id) !== null;
    try {
      this.textures.setLabelMap(isNew || isThere ? map : { ...map, changed: undefined });
    } catch (error) {
      this.fail(error);
    }
  }

  private contextLost(): void {
    this.state.setState({ graphics: 'lost' });
    this.drawnMasks.clear();
    this.textures?.keepOnly(new Set());
  }

  // three.js has rebuilt its own state by now; the textures are ours to fill again.
  private contextRestored(): void {
    this.state.setState({ graphics: 'ready' });
    void this.uploadScan();
    for (const map of this.labelMaps) this.uploadLabels(map, false);
  }

  /** Of sources that are not shown any more. */
  private freeTextures(): void {
    const ids = new Set<SourceId>(this.labelMaps.map(({ id }) => id));
    if (this.scan) ids.add(this.scan.id);
    for (const layers of this.drawnMasks.values()) for (const { sourceId } of layers) ids.add(sourceId);
    this.textures?.keepOnly(ids);
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
    renderer.draw(view.viewports.flatMap((viewport) => this.sliceOf(view, viewport, origin) ?? []));
    this.freeTextures();
  }

  /** Null for a viewport that cannot be seen or has nothing to show. */
  private sliceOf(view: ViewState, viewport: Viewport, origin: DOMRect): DrawnSlice | null {
    const rect = this.elements.rect(viewport.id);
    const mapping = rect && sliceProjection(view, viewport, rect);
    const layer = scanLayerOf(viewport);
    const texture = layer && this.textures?.scan(layer.sourceId);
    if (!rect || !mapping || !layer || !texture) return null;
    const { window, invert } = layer.style;
    return {
      rect: { ...rect, left: rect.left - origin.left, top: rect.top - origin.top },
      plane: sampledPlane(view.scans[layer.sourceId].grid, mapping, view.crosshair[PLANES[viewport.plane].normal]),
      scan: { ...texture, window, invert, opacity: layer.visible ? layer.opacity : 0 },
      masks: this.masksOf(view, viewport),
    };
  }

  private masksOf(view: ViewState, viewport: Viewport): DrawnLabels[] {
    const wanted = shownLabelLayers(view, viewport);
    const isThere = wanted.every(({ sourceId }) => this.textures?.labelMap(sourceId)?.complete);
    if (isThere) this.drawnMasks.set(viewport.id, wanted);
    return (this.drawnMasks.get(viewport.id) ?? []).filter(isDrawn).flatMap(({ sourceId, opacity, style }) => {
      const texture = this.textures?.labelMap(sourceId);
      if (!texture) return [];
      const facts = view.labelMaps[sourceId];
      if (facts) texture.setColors(facts.labels, style.hidden);
      const fill = style.mode === 'outline' ? 0 : opacity;
      return { labels: texture.labels, colors: texture.colors, fill, outline: style.mode === 'fill' ? 0 : 1 };
    });
  }

  private fail(error: unknown): void {
    this.onError(
      error instanceof AppError
        ? error
        : new InternalError('viewer-failed', { why: reasonOf(error) }, { cause: error }),
    );
  }
}
