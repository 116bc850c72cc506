/** Pointer and wheel events of one pane, turned into view actions. */
import type { Triple } from '../../volume/grid';
import type { PlaneId } from '../slice/planes';
import type { Viewer } from '../viewer';
import { paneProjection, placeInPane } from '../viewport/pointing';
import { CLICK_RADIUS_PX, gestureForDrag, WheelSlices, type WheelTravel, wheelPixels } from './bindings';

interface Press {
  readonly startX: number;
  readonly startY: number;
  readonly gesture: ReturnType<typeof gestureForDrag>;
  x: number;
  y: number;
  moved: boolean;
}

/** Right drag: this many pixels down double the size. */
const ZOOM_DOUBLING_PX = 150;
/** Ctrl + wheel and trackpad pinches. */
const WHEEL_ZOOM_PER_PX = 0.002;

/**
 * Keeps `pointer` of the view while it is over the panes.
 * @param panes the element around all of them: a pane may come or go under a pointer that rests
 * @returns a function that removes all listeners
 */
export function trackPointer(panes: HTMLElement, viewer: Viewer): () => void {
  const listeners = new AbortController();
  const at = ({ clientX, clientY }: MouseEvent) => viewer.state.setState({ pointer: [clientX, clientY] });
  const nowhere = () => viewer.state.setState({ pointer: null });
  const on = <K extends keyof HTMLElementEventMap>(types: K[], listener: (event: HTMLElementEventMap[K]) => void) => {
    for (const type of types) panes.addEventListener(type, listener, { signal: listeners.signal, passive: true });
  };
  // A wheel turns under a pointer that has not moved since the page came up.
  on(['pointerdown', 'pointermove', 'wheel'], at);
  on(['pointerleave', 'pointercancel'], nowhere);
  return () => {
    listeners.abort();
    nowhere();
  };
}

/** @returns a function that removes all listeners */
export function listenToPane(element: HTMLElement, plane: PlaneId, viewer: Viewer): () => void {
  const listeners = new AbortController();
  const { signal } = listeners;
  const wheel = new WheelSlices();
  /** Touches that are down, for pinching. */
  const touches = new Map<number, { x: number; y: number }>();
  let press: Press | null = null;
  /** Whether the press that has just ended was no drag. */
  let isClick = false;
  /** How the last click moved the crosshair, if it did. */
  let jump: { readonly from: Triple; readonly to: Triple } | null = null;

  const local = (event: { clientX: number; clientY: number }) => {
    const rect = element.getBoundingClientRect();
    return { x: event.clientX - rect.left, y: event.clientY - rect.top, size: rect };
  };
  const zoom = (event: { clientX: number; clientY: number }, factor: number) => {
    const { x, y, size } = local(event);
    viewer.dispatch({ kind: 'zoom', plane, factor, at: [x, y], size: { width: size.width, height: size.height } });
  };
  const pan = (dx: number, dy: number) => {
    const mapping = paneProjection(viewer.state.getState(), plane, element.getBoundingClientRect());
    if (mapping) viewer.dispatch({ kind: 'pan', plane, mm: [dx * mapping.mmPerPixel, -dy * mapping.mmPerPixel] });
  };

  const pinch = (event: PointerEvent) => {
    const before = [...touches.values()].map((touch) => ({ ...touch }));
    touches.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const after = [...touches.values()];
    if (before.length !== 2) return;
    const distance = ([a, b]: { x: number; y: number }[]) => Math.hypot(a.x - b.x, a.y - b.y);
    const middle = { clientX: (after[0].x + after[1].x) / 2, clientY: (after[0].y + after[1].y) / 2 };
    pan(middle.clientX - (before[0].x + before[1].x) / 2, middle.clientY - (before[0].y + before[1].y) / 2);
    if (distance(before) > 0) zoom(middle, distance(after) / distance(before));
  };

  const drag = (event: PointerEvent, current: Press) => {
    if (!current.moved) {
      if (Math.hypot(event.clientX - current.startX, event.clientY - current.startY) <= CLICK_RADIUS_PX) return;
      current.moved = true;
    }
    const dx = event.clientX - current.x;
    const dy = event.clientY - current.y;
    current.x = event.clientX;
    current.y = event.clientY;
    if (current.gesture === 'window') viewer.dispatch({ kind: 'drag-window', dxPx: dx, dyPx: dy });
    else if (current.gesture === 'pan') pan(dx, dy);
    else if (current.gesture === 'zoom') {
      zoom({ clientX: current.startX, clientY: current.startY }, 2 ** (dy / ZOOM_DOUBLING_PX));
    }
  };

  const click = (event: MouseEvent) => {
    const view = viewer.state.getState();
    const at = placeInPane(view, plane, element.getBoundingClientRect(), event.clientX, event.clientY);
    if (!at) return;
    const probe = event.altKey ? viewer.probe(at) : null;
    if (probe?.label && probe.labelShown && probe.label.id !== 0) {
      viewer.dispatch({ kind: 'solo-label', ids: [probe.label.id] });
      return;
    }
    // The second click of a double click says nothing new.
    if (event.detail > 1) return;
    viewer.dispatch({ kind: 'crosshair', to: at });
    jump = { from: view.crosshair, to: viewer.state.getState().crosshair };
  };
  /** The first click of a double click has moved the crosshair at once; what is meant is known only now. */
  const doubleClick = (event: MouseEvent) => {
    // Two clicks that each showed or hid structures.
    if (event.altKey) return;
    if (jump?.to === viewer.state.getState().crosshair) viewer.dispatch({ kind: 'crosshair', to: jump.from });
    jump = null;
    viewer.dispatch({ kind: 'maximise', plane });
  };

  const on = <K extends keyof HTMLElementEventMap>(type: K, listener: (event: HTMLElementEventMap[K]) => void) =>
    element.addEventListener(type, listener, { signal, passive: false });

  on('pointerdown', (event) => {
    element.focus({ preventScroll: true });
    element.setPointerCapture(event.pointerId);
    if (event.pointerType === 'touch') touches.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const { clientX: x, clientY: y } = event;
    press =
      touches.size > 1
        ? null
        : { startX: x, startY: y, x, y, moved: false, gesture: gestureForDrag(event.button, event.shiftKey) };
    // Middle press would start the browser's own scrolling.
    if (event.button === 1) event.preventDefault();
  });
  on('pointermove', (event) => {
    // The button was released where no browser told us.
    if (event.buttons === 0) press = null;
    if (touches.size > 1 && touches.has(event.pointerId)) pinch(event);
    else if (press) drag(event, press);
    viewer.state.setState({ active: plane });
  });
  on('pointerup', (event) => {
    touches.delete(event.pointerId);
    isClick = press?.gesture === 'window' && !press.moved;
    press = null;
  });
  // Unlike 'pointerup' it counts: `detail` is 2 for the second click of a double click.
  on('click', (event) => {
    if (event.detail <= 1) jump = null;
    if (isClick) click(event);
    isClick = false;
  });
  on('pointercancel', (event) => {
    touches.delete(event.pointerId);
    press = null;
  });
  // A list chosen from a moment ago still has the focus and would take the next key: "s" picks "Soft tissue" there.
  on('pointerenter', () => {
    const focused = document.activeElement;
    if (focused instanceof HTMLElement && focused.matches('select, input')) focused.blur();
  });
  on('focus', () => viewer.state.setState({ active: plane }));
  on('dblclick', doubleClick);
  on('contextmenu', (event) => event.preventDefault());
  on('wheel', (event) => {
    event.preventDefault();
    viewer.state.setState({ active: plane });
    if (event.ctrlKey || event.metaKey) {
      zoom(event, Math.exp(-wheelPixels(event) * WHEEL_ZOOM_PER_PX));
      return;
    }
    const by = wheel.stepsFor(event as WheelEvent & WheelTravel);
    if (by !== 0) viewer.dispatch({ kind: 'step', plane, by });
  });
  return () => listeners.abort();
}
