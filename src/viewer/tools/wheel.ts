/** Wheels and trackpads: what their events say, as pixels and as slices. */

/** What a WheelEvent says about its travel. */
export interface WheelTravel {
  readonly deltaY: number;
  /** 0 pixels, 1 lines, 2 pages */
  readonly deltaMode: number;
  /** 120 for each notch of a mouse wheel, up being positive; every browser has it though it is in no standard. */
  readonly wheelDeltaY?: number;
}

/** Lines and pages as pixels: browsers send three lines, or one page, for a notch. */
const WHEEL_UNIT_PX = [1, 40, 120];

/** @returns CSS pixels, down being positive */
export function wheelPixels(travel: WheelTravel): number {
  // Asked first: Firefox gives lines then, three for a notch, and else pixels, how many depends on a font.
  const unitPx = WHEEL_UNIT_PX[travel.deltaMode] ?? 1;
  return travel.deltaY * unitPx;
}

/** What one notch of a wheel scrolls, by browser and system. */
const NOTCH_PX = [100, 120];
/** A shorter "notch" is a trackpad's: on a Mac it reports a whole notch for 40 px. */
const SHORTEST_NOTCH_PX = 50;
/** A trackpad sends a few px at a time; this many make a slice. */
const TRACKPAD_PX_PER_SLICE = 60;

/**
 * The whole notches of a mouse wheel in one event, 0 for a trackpad. A browser that is busy adds several notches up into
 * one event.
 */
function notches(travel: WheelTravel): number {
  const px = Math.abs(wheelPixels(travel));
  const told = Math.abs(travel.wheelDeltaY ?? 0) / 120;
  const bySize = NOTCH_PX.map((size) => px / size).filter(Number.isInteger);
  const byCount = Number.isInteger(told) && px / told >= SHORTEST_NOTCH_PX ? [told] : [];
  // Not every event that was added up has its notches counted (those of a remote desktop, or of a test, have not).
  return Math.max(0, ...byCount, ...(bySize.length > 0 ? [Math.min(...bySize)] : []));
}

/**
 * Turns wheel events into whole slices, one for each notch; of a trackpad's travel what is left over is kept for the next
 * event. Scrolling down goes to the next slice (falling index).
 */
export class WheelSlices {
  private restPx = 0;

  stepsFor(travel: WheelTravel): number {
    const px = wheelPixels(travel);
    // Sideways only: a diagonal swipe has such events among the others.
    if (px === 0) return 0;
    const whole = notches(travel);
    if (whole > 0 || Math.sign(px) !== Math.sign(this.restPx)) this.restPx = 0;
    if (whole > 0) return -Math.sign(px) * whole;
    this.restPx += px;
    const slices = Math.trunc(this.restPx / TRACKPAD_PX_PER_SLICE);
    this.restPx -= slices * TRACKPAD_PX_PER_SLICE;
    // No negative zero.
    return slices === 0 ? 0 : -slices;
  }
}
