/**
 * Every gesture of the pointer as data: which tool it is for, and how the help dialog says so. The one table to add a tool
 * to.
 */
import { type Message, message } from '../../core/messages';
import { crosshair } from './crosshair';
import { maximise } from './maximise';
import { pan } from './pan';
import { pinch } from './pinch';
import { scroll } from './scroll';
import { soloLabel } from './soloLabel';
import type { MakeTool, Modifiers } from './tool';
import { windowLevel } from './windowLevel';
import { zoom } from './zoom';

export type Gesture = 'click' | 'double-click' | 'drag' | 'wheel' | 'pinch';

/** A modifier that is given has to be pressed (true), or must not be (false); others do not matter. */
interface Trigger extends Partial<Modifiers> {
  readonly tool: MakeTool;
  readonly gesture: Gesture;
  /** Of clicks and drags, as in MouseEvent. */
  readonly button?: 0 | 1 | 2;
}

export interface PointerBinding {
  readonly shown: Message;
  readonly does: Message;
  readonly triggers: readonly Trigger[];
}

export const POINTER_BINDINGS: readonly PointerBinding[] = [
  {
    shown: message('gesture-click'),
    does: message('crosshair-by-click'),
    triggers: [{ tool: crosshair, gesture: 'click', button: 0, shift: false }],
  },
  {
    shown: message('gesture-drag'),
    does: message('window-by-drag'),
    triggers: [{ tool: windowLevel, gesture: 'drag', button: 0, shift: false }],
  },
  {
    shown: message('gesture-wheel'),
    does: message('slices-by-wheel'),
    triggers: [{ tool: scroll, gesture: 'wheel', ctrl: false }],
  },
  {
    shown: message('gesture-middle-drag'),
    does: message('pan-by-drag'),
    triggers: [
      { tool: pan, gesture: 'drag', button: 1 },
      { tool: pan, gesture: 'drag', button: 0, shift: true },
    ],
  },
  {
    shown: message('gesture-right-drag'),
    does: message('zoom-by-drag'),
    triggers: [
      { tool: zoom, gesture: 'drag', button: 2 },
      { tool: zoom, gesture: 'wheel', ctrl: true },
      { tool: pinch, gesture: 'pinch' },
    ],
  },
  {
    shown: message('gesture-double-click'),
    does: message('maximise-by-double-click'),
    // Two clicks with Alt have each shown or hidden structures.
    triggers: [{ tool: maximise, gesture: 'double-click', alt: false }],
  },
  {
    shown: message('gesture-alt-click'),
    does: message('solo-by-click'),
    triggers: [{ tool: soloLabel, gesture: 'click', button: 0, shift: false, alt: true }],
  },
];

const MODIFIERS = ['shift', 'alt', 'ctrl'] as const;

/** How many modifiers a gesture must have. */
const demands = (trigger: Trigger): number => MODIFIERS.filter((key) => trigger[key]).length;

/**
 * The tools for a gesture, those first that ask for the most modifiers: the others take what these leave.
 * @param button of a click or drag
 */
export function toolsFor(gesture: Gesture, modifiers: Modifiers, button?: number): MakeTool[] {
  const fits = (trigger: Trigger) =>
    trigger.gesture === gesture &&
    trigger.button === button &&
    MODIFIERS.every((key) => trigger[key] === undefined || trigger[key] === modifiers[key]);
  return POINTER_BINDINGS.flatMap(({ triggers }) => triggers.filter(fits))
    .sort((a, b) => demands(b) - demands(a))
    .map(({ tool }) => tool);
}
