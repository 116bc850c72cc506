/** The three slice planes and the side of the patient each edge of the screen shows. Pure; every left/right rule is here. */
import { type Message, message } from '../../core/messages';

export type PlaneId = 'axial' | 'coronal' | 'sagittal';

/** Index into a canonical triple: 0 grows to the patient's Right, 1 to Anterior, 2 to Superior. */
export type CanonicalAxis = 0 | 1 | 2;

/**
 * 'radiological' looks at the patient from the feet (axial) and from the front (coronal), so the patient's right is on
 * the left of the image. 'neurological' looks from the head and from behind. Sagittal is nose-left in both.
 */
export type Convention = 'radiological' | 'neurological';

export interface Plane {
  readonly id: PlaneId;
  readonly title: Message;
  /** The axis that slices are counted along. */
  readonly normal: CanonicalAxis;
  readonly horizontal: CanonicalAxis;
  readonly vertical: CanonicalAxis;
  /** +1 when the right edge of the screen is the growing side of `horizontal`, per convention. */
  readonly rightward: Readonly<Record<Convention, 1 | -1>>;
}

/** The top edge of every pane is the growing side of `vertical`: Anterior for axial, Superior for the other two. */
export const PLANES: Readonly<Record<PlaneId, Plane>> = {
  axial: {
    id: 'axial',
    title: message('axial'),
    normal: 2,
    horizontal: 0,
    vertical: 1,
    rightward: { radiological: -1, neurological: 1 },
  },
  coronal: {
    id: 'coronal',
    title: message('coronal'),
    normal: 1,
    horizontal: 0,
    vertical: 2,
    rightward: { radiological: -1, neurological: 1 },
  },
  sagittal: {
    id: 'sagittal',
    title: message('sagittal'),
    normal: 0,
    horizontal: 1,
    vertical: 2,
    rightward: { radiological: -1, neurological: -1 },
  },
};

export const PLANE_IDS: readonly PlaneId[] = ['axial', 'coronal', 'sagittal'];
