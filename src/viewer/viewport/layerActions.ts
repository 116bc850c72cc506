/** The parts of the view's changes that put layers into viewports and change how they are drawn. */
import type { LabelMapId } from '../../study/document';
import { showAllLabels, soloLabels, toggleLabels } from '../layers/labelActions';
import type { LabelLayer, Layer, LayerDefaults, ScanLayer, ScanStyle } from '../layers/layer';
import type { LabelFacts, ScanFacts } from '../layers/sources';
import { openingWindow } from '../layers/windowLevel';
import { fitted, mapLayers } from './viewport';
import { isOnShow, topLabelLayer, type ViewState } from './viewState';

export type MaskAction =
  | { readonly kind: 'toggle-labels' }
  /** Several ids: a region, which is shown or hidden as one. `of` a label map, or of all that are on show. */
  | { readonly kind: 'toggle-label' | 'solo-label'; readonly ids: readonly number[]; readonly of?: LabelMapId }
  | { readonly kind: 'show-all-labels' };

const scanLayer = ({ id, stats }: ScanFacts, { invert }: LayerDefaults): ScanLayer => ({
  kind: 'scan',
  sourceId: id,
  visible: true,
  opacity: 1,
  style: { ...openingWindow(stats), invert },
});

/** A scan alone, as a whole, in every viewport. */
export function showScan(state: ViewState, scan: ScanFacts): ViewState {
  const layers: readonly Layer[] = [scanLayer(scan, state.defaults)];
  return {
    ...state,
    scans: { [scan.id]: scan },
    labelMaps: {},
    viewports: state.viewports.map((viewport) => ({ ...fitted(viewport), layers })),
    onlyLabelMap: null,
    orientationConfirmed: false,
    maximised: null,
  };
}

/** Another scan on the same grid under the masks. */
export const showChannel = (state: ViewState, scan: ScanFacts): ViewState => ({
  ...state,
  scans: { [scan.id]: scan },
  viewports: mapLayers(state.viewports, (layers) => [
    scanLayer(scan, state.defaults),
    ...layers.filter(({ kind }) => kind !== 'scan'),
  ]),
});

/**
 * Other masks over the scan. A layer that stays is drawn as before. One whose structures are those of a layer on show
 * takes over what the user has hidden among them, for instance where a run's finished slices become its result.
 */
export function showLabelMaps(state: ViewState, maps: readonly LabelFacts[], only: LabelMapId | null): ViewState {
  const { opacity, mode } = state.defaults;
  const layerFor = ({ id, labels }: LabelFacts, before: readonly LabelLayer[]): LabelLayer => {
    const own = before.find(({ sourceId }) => sourceId === id);
    const sameLabels = before.find(
      (layer) => isOnShow(state, layer) && state.labelMaps[layer.sourceId].labels === labels,
    );
    if (own && (!sameLabels || isOnShow(state, own))) return own;
    const fresh: LabelLayer = {
      kind: 'labels',
      sourceId: id,
      visible: true,
      opacity,
      style: { mode, hidden: new Set() },
    };
    return sameLabels ? { ...sameLabels, sourceId: id } : fresh;
  };
  const viewports = mapLayers(state.viewports, (layers) => {
    const before = layers.filter((layer) => layer.kind === 'labels');
    const after = maps.map((map) => layerFor(map, before));
    if (after.length === before.length && after.every((layer, at) => layer === before[at])) return layers;
    return [...layers.filter(({ kind }) => kind !== 'labels'), ...after];
  });
  const labelMaps = Object.fromEntries(maps.map((map) => [map.id, map]));
  return { ...state, labelMaps, viewports, onlyLabelMap: only };
}

/** Changes how scans are drawn. */
export const withScanStyle = (state: ViewState, change: (style: ScanStyle) => ScanStyle): ViewState => ({
  ...state,
  viewports: mapLayers(state.viewports, (layers) =>
    layers.map((layer) => (layer.kind === 'scan' ? { ...layer, style: change(layer.style) } : layer)),
  ),
});

const withLabelLayers = (state: ViewState, change: (layer: LabelLayer) => LabelLayer): ViewState => ({
  ...state,
  viewports: mapLayers(state.viewports, (layers) =>
    layers.map((layer) => (layer.kind === 'labels' ? change(layer) : layer)),
  ),
});

/** How all masks are drawn, also those that are not on show now or come later. */
export function withMasksStyle(state: ViewState, change: Partial<Omit<LayerDefaults, 'invert'>>): ViewState {
  const defaults = { ...state.defaults, ...change };
  const { opacity, mode } = defaults;
  return {
    ...withLabelLayers(state, (layer) => ({ ...layer, opacity, style: { ...layer.style, mode } })),
    defaults,
  };
}

/** Changes which structures are shown. */
export function changeMasks(state: ViewState, action: MaskAction): ViewState {
  const visible = !topLabelLayer(state)?.visible;
  return withLabelLayers(state, (layer) => {
    if (!isOnShow(state, layer)) return layer;
    const { labels } = state.labelMaps[layer.sourceId];
    if (action.kind === 'toggle-labels') return { ...layer, visible };
    if (action.kind === 'show-all-labels') return showAllLabels(layer);
    if (action.of !== undefined && action.of !== layer.sourceId) return layer;
    return (action.kind === 'toggle-label' ? toggleLabels : soloLabels)(layer, labels, action.ids);
  });
}
