/** Pointer and wheel events of one viewport, as gestures for the tools that are bound to them. */
import { canonicalToWorld } from '../geometry/sliceGeometry';
import { placeInViewport } from '../viewport/pointing';
import type { ViewportId } from '../viewport/viewport';
import { shownScan } from '../viewport/viewState';
import { type Gesture, toolsFor } from './bindings';
import type { Click, MakeTool, Modifiers, Sample, Stroke, Tool, ToolHost } from './tool';

/** A press is a click until it has moved further than this. */
const CLICK_RADIUS_PX = 4;

interface Place {
  readonly clientX: number;
  readonly clientY: number;
}

interface Press {
  readonly button: number;
  readonly at: Place;
  readonly sample: Sample;
  moved: boolean;
  stroke: Stroke | null;
}

const modifiersOf = (event: MouseEvent): Modifiers => ({
  shift: event.shiftKey,
  alt: event.altKey,
  ctrl: event.ctrlKey || event.metaKey,
});

const middle = ([a, b]: readonly Place[]): Place => ({
  clientX: (a.clientX + b.clientX) / 2,
  clientY: (a.clientY + b.clientY) / 2,
});
const distance = ([a, b]: readonly Place[]) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);

/** @returns a function that removes all listeners */
export function listenToViewport(element: HTMLElement, viewport: ViewportId, viewer: ToolHost): () => void {
  const listeners = new AbortController();
  const { signal } = listeners;
  const tools = new Map<MakeTool, Tool>();
  /** Touches that are down, for pinching. */
  const touches = new Map<number, Place>();
  let press: Press | null = null;
  /** The press that has just ended, if it was no drag. */
  let clicked: Press | null = null;
  let lastClick: Click | null = null;

  const boundTo = (gesture: Gesture, modifiers: Modifiers, button?: number): Tool[] =>
    toolsFor(gesture, modifiers, button).map((make) => {
      const tool = tools.get(make) ?? make(viewer);
      tools.set(make, tool);
      return tool;
    });

  const sampleAt = ({ clientX, clientY }: Place, modifiers: Modifiers): Sample => {
    const view = viewer.state.getState();
    const rect = element.getBoundingClientRect();
    const place = placeInViewport(view, viewport, rect, clientX, clientY);
    const scan = shownScan(view);
    return {
      viewport,
      x: clientX - rect.left,
      y: clientY - rect.top,
      size: { width: rect.width, height: rect.height },
      place,
      world: place && scan && canonicalToWorld(scan.grid, place),
      modifiers,
    };
  };
  const sampleOf = (event: MouseEvent) => sampleAt(event, modifiersOf(event));

  /** The first answer of a tool that takes the gesture. */
  const first = <T>(asked: readonly Tool[], ask: (tool: Tool) => T | null | undefined): T | null => {
    for (const tool of asked) {
      const answer = ask(tool);
      if (answer) return answer;
    }
    return null;
  };

  const pinch = (event: PointerEvent) => {
    const before = [...touches.values()];
    touches.set(event.pointerId, { clientX: event.clientX, clientY: event.clientY });
    const after = [...touches.values()];
    if (before.length !== 2) return;
    const [from, to] = [middle(before), middle(after)];
    const change = {
      dxPx: to.clientX - from.clientX,
      dyPx: to.clientY - from.clientY,
      factor: distance(before) > 0 ? distance(after) / distance(before) : 1,
    };
    const sample = sampleAt(to, modifiersOf(event));
    for (const tool of boundTo('pinch', sample.modifiers)) tool.pinch?.(change, sample);
  };

  const drag = (event: PointerEvent, current: Press) => {
    if (!current.moved) {
      const { clientX, clientY } = current.at;
      if (Math.hypot(event.clientX - clientX, event.clientY - clientY) <= CLICK_RADIUS_PX) return;
      current.moved = true;
      const bound = boundTo('drag', current.sample.modifiers, current.button);
      current.stroke = first(bound, (tool) => tool.begin?.(current.sample));
    }
    current.stroke?.move(sampleOf(event));
  };

  const stop = (how: 'end' | 'cancel') => {
    press?.stroke?.[how]?.();
    press = null;
  };

  const on = <K extends keyof HTMLElementEventMap>(type: K, listener: (event: HTMLElementEventMap[K]) => void) =>
    element.addEventListener(type, listener, { signal, passive: false });

  on('pointerdown', (event) => {
    element.focus({ preventScroll: true });
    element.setPointerCapture(event.pointerId);
    const { clientX, clientY, button } = event;
    if (event.pointerType === 'touch') touches.set(event.pointerId, { clientX, clientY });
    stop('cancel');
    if (touches.size <= 1) {
      press = { button, at: { clientX, clientY }, sample: sampleOf(event), moved: false, stroke: null };
    }
    // Middle press would start the browser's own scrolling.
    if (event.button === 1) event.preventDefault();
  });
  on('pointermove', (event) => {
    // The button was released where no browser told us.
    if (event.buttons === 0) stop('end');
    if (touches.size > 1 && touches.has(event.pointerId)) pinch(event);
    else if (press) drag(event, press);
    viewer.state.setState({ active: viewport });
  });
  on('pointerup', (event) => {
    touches.delete(event.pointerId);
    clicked = press?.moved ? null : press;
    stop('end');
  });
  // Unlike 'pointerup' it counts: `detail` is 2 for the second click of a double click.
  on('click', (event) => {
    if (event.detail <= 1) lastClick = null;
    if (clicked) {
      const bound = boundTo('click', clicked.sample.modifiers, clicked.button);
      const done = first(bound, (tool) => tool.click?.(sampleOf(event), event.detail));
      if (done?.takeBack) lastClick = done;
    }
    clicked = null;
  });
  on('pointercancel', (event) => {
    touches.delete(event.pointerId);
    stop('cancel');
  });
  on('focus', () => viewer.state.setState({ active: viewport }));
  on('dblclick', (event) => {
    const bound = boundTo('double-click', modifiersOf(event));
    if (bound.length === 0) return;
    // What is meant is known only now.
    lastClick?.takeBack?.();
    lastClick = null;
    for (const tool of bound) tool.doubleClick?.(sampleOf(event));
  });
  on('contextmenu', (event) => event.preventDefault());
  on('wheel', (event) => {
    event.preventDefault();
    viewer.state.setState({ active: viewport });
    const sample = sampleOf(event);
    for (const tool of boundTo('wheel', sample.modifiers)) tool.wheel?.(event, sample);
  });
  return () => {
    stop('cancel');
    listeners.abort();
  };
}
