import { describe, expect, it } from 'vitest';
import { WheelSlices } from './wheel';

describe('a wheel', () => {
  /** What browsers send for notches of a wheel turned down, `wheelDeltaY` being 120 for each notch. */
  const px = (deltaY: number, notches?: number) => ({
    deltaY,
    deltaMode: 0,
    wheelDeltaY: notches === undefined ? undefined : -120 * notches,
  });

  it('one notch of a mouse wheel is one slice, down being the next (falling) one', () => {
    const wheel = new WheelSlices();
    expect(wheel.stepsFor(px(120, 1))).toBe(-1);
    expect(wheel.stepsFor(px(-100, -1))).toBe(1);
    expect(wheel.stepsFor({ deltaY: 3, deltaMode: 1 })).toBe(-1);
    expect(wheel.stepsFor({ deltaY: 1, deltaMode: 2 })).toBe(-1);
    // Twice the lines a notch, the page at half and at double size.
    expect([px(333.3, 1), px(53, 1), px(200, 1)].map((event) => wheel.stepsFor(event))).toEqual([-1, -1, -2]);
  });

  it.each([
    ['120 px a notch', px(1200, 10), -10],
    ['100 px a notch', px(1000, 10), -10],
    ['six of 100 px, which could be five of 120', px(600, 6), -6],
    ['up', px(-360, -3), 3],
    ['zoomed to 150 %', px(3 * 66.6667, 3), -3],
    ['lines', { deltaY: 12, deltaMode: 1, wheelDeltaY: -480 }, -4],
    ['pages', { deltaY: 2, deltaMode: 2, wheelDeltaY: -240 }, -2],
    ['not counted by the browser', px(500), -5],
    ['counted as one although more', px(1200, 1), -10],
    ['lines, not counted', { deltaY: -6, deltaMode: 1 }, 2],
  ])('several notches in one event are as many slices: %s', (_, event, slices) => {
    expect(new WheelSlices().stepsFor(event)).toBe(slices);
  });

  it('adds up the small travels of a trackpad, in one direction', () => {
    const wheel = new WheelSlices();
    // 20 px more than one slice are kept; sideways events between change nothing.
    expect([25, 25, 0, 30, 30].map((dy) => wheel.stepsFor(px(dy, dy / 40)))).toEqual([0, 0, 0, -1, 0]);
    expect(wheel.stepsFor(px(15, 15 / 40))).toBe(-1);
    wheel.stepsFor(px(50, 50 / 40));
    expect(wheel.stepsFor(px(-50, -50 / 40))).toBe(0);
    expect(wheel.stepsFor(px(-20, -0.5))).toBe(1);
    // A fling: several slices in one event, nothing of it lost. A Mac counts a notch for each 40 px.
    expect(wheel.stepsFor(px(-160, -4))).toBe(2);
    expect(wheel.stepsFor(px(-10, -0.25))).toBe(1);
  });
});
