import { describe, expect, it } from 'vitest';
import { type Gesture, POINTER_BINDINGS, toolsFor } from './bindings';
import type { Modifiers, ToolHost } from './tool';

const NONE: Modifiers = { shift: false, alt: false, ctrl: false };
const host = {} as ToolHost;

/** Ids of the tools, in the order in which they are asked. */
const bound = (gesture: Gesture, button?: number, pressed: Partial<Modifiers> = {}) =>
  toolsFor(gesture, { ...NONE, ...pressed }, button).map((make) => make(host).id);

describe('gestures', () => {
  it('a left drag windows, middle and Shift + left pan, right zooms', () => {
    expect(bound('drag', 0)).toEqual(['window-level']);
    expect(bound('drag', 0, { shift: true })).toEqual(['pan']);
    expect(bound('drag', 1)).toEqual(['pan']);
    expect(bound('drag', 1, { shift: true })).toEqual(['pan']);
    expect(bound('drag', 2)).toEqual(['zoom']);
    expect(bound('drag', 3)).toEqual([]);
    // Modifiers that mean nothing take nothing away.
    expect(bound('drag', 0, { alt: true, ctrl: true })).toEqual(['window-level']);
  });

  it('a left click moves the crosshair; with Alt a mask comes first, with Shift nothing does', () => {
    expect(bound('click', 0)).toEqual(['crosshair']);
    expect(bound('click', 0, { alt: true })).toEqual(['solo-label', 'crosshair']);
    expect(bound('click', 0, { shift: true })).toEqual([]);
    expect(bound('click', 2)).toEqual([]);
  });

  it('the wheel scrolls, with Ctrl it zooms; two clicks maximise, with Alt they do not', () => {
    expect(bound('wheel')).toEqual(['scroll']);
    expect(bound('wheel', undefined, { ctrl: true })).toEqual(['zoom']);
    expect(bound('double-click')).toEqual(['maximise']);
    expect(bound('double-click', undefined, { alt: true })).toEqual([]);
    expect(bound('pinch')).toEqual(['pinch']);
  });

  it('every tool has the method of the gestures that it is bound to', () => {
    const methods = {
      click: 'click',
      'double-click': 'doubleClick',
      drag: 'begin',
      wheel: 'wheel',
      pinch: 'pinch',
    } as const;
    for (const { tool, gesture } of POINTER_BINDINGS.flatMap(({ triggers }) => triggers)) {
      expect(tool(host), gesture).toHaveProperty(methods[gesture]);
    }
  });
});
