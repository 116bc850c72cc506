/** Layers: what a viewport draws of a source, and how. Plain data. */
import type { LabelMapId, ScanId } from '../../study/document';
import type { GreyWindow } from './greyWindow';

export type OverlayMode = 'fill' | 'outline' | 'both';
export const OVERLAY_MODES: readonly OverlayMode[] = ['fill', 'outline', 'both'];

export interface ScanStyle {
  readonly window: GreyWindow;
  /** Which preset the window is, 'auto', or null after a drag. */
  readonly preset: string | null;
  readonly invert: boolean;
}

export interface LabelStyle {
  readonly mode: OverlayMode;
  /** Ids of the structures that are not drawn. */
  readonly hidden: ReadonlySet<number>;
}

interface LayerOf<Kind, Id, Style> {
  readonly kind: Kind;
  readonly sourceId: Id;
  readonly visible: boolean;
  /** 0 .. 1; of masks that of the fill, outlines are always solid. */
  readonly opacity: number;
  readonly style: Style;
}

export type ScanLayer = LayerOf<'scan', ScanId, ScanStyle>;
export type LabelLayer = LayerOf<'labels', LabelMapId, LabelStyle>;
/** Another kind of layer is one more of these and a branch where the slices are drawn. */
export type Layer = ScanLayer | LabelLayer;

/** What a layer begins with: as the user left the last one. */
export interface LayerDefaults {
  readonly invert: boolean;
  readonly opacity: number;
  readonly mode: OverlayMode;
}

export const FIRST_DEFAULTS: LayerDefaults = { invert: false, opacity: 0.45, mode: 'both' };

/** Whether anything of a layer is drawn. At opacity 0 the user asked for nothing over the image, outlines included. */
export const isDrawn = ({ visible, opacity }: Layer): boolean => visible && opacity > 0;

/** What may be said of a voxel's label: a structure that is not drawn is not named. */
export const isLabelDrawn = (layer: LabelLayer, id: number): boolean => isDrawn(layer) && !layer.style.hidden.has(id);
