/** Intensities from center - width / 2 (black) to center + width / 2 (white), in the scan's own units. */
export interface GreyWindow {
  readonly center: number;
  readonly width: number;
}
