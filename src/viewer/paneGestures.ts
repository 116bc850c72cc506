/** Pointer and wheel events of one pane, turned into view actions. */
import { CLICK_RADIUS_PX, gestureForDrag, WheelSlices } from './bindings';
import { PLANES, type PlaneId } from './planes';
import { screenToCanonical } from './sliceGeometry';
import type { SliceViewer } from './sliceViewer';

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

/** @returns a function that removes all listeners */
export function listenToPane(element: HTMLElement, plane: PlaneId, viewer: SliceViewer): () => void {
  const listeners = new AbortController();
  const { signal } = listeners;
  const wheel = new WheelSlices();
  /** Touches that are down, for pinching. */
  const touches = new Map<number, { x: number; y: number }>();
  let press: Press | null = null;

  const local = (event: { clientX: number; clientY: number }) => {
    const rect = element.getBoundingClientRect();
    return { x: event.clientX - rect.left, y: event.clientY - rect.top, size: rect };
  };
  const positionAt = (event: { clientX: number; clientY: number }) => {
    const { x, y, size } = local(event);
    const mapping = viewer.projectionFor(plane, size);
    return mapping && screenToCanonical(mapping, viewer.state.getState().crosshair[PLANES[plane].normal], x, y);
  };
  const zoom = (event: { clientX: number; clientY: number }, factor: number) => {
    const { x, y, size } = local(event);
    viewer.dispatch({ kind: 'zoom', plane, factor, at: [x, y], size: { width: size.width, height: size.height } });
  };
  const pan = (dx: number, dy: number) => {
    const mapping = viewer.projectionFor(plane, element.getBoundingClientRect());
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

  const click = (event: PointerEvent) => {
    const at = positionAt(event);
    if (!at) return;
    const label = event.altKey ? viewer.probe(at)?.label : null;
    if (label && label.id !== 0) viewer.dispatch({ kind: 'solo-label', ids: [label.id] });
    else viewer.dispatch({ kind: 'crosshair', to: at });
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
    if (touches.size > 1 && touches.has(event.pointerId)) pinch(event);
    else if (press) drag(event, press);
    viewer.state.setState({ cursor: positionAt(event), active: plane });
  });
  on('pointerup', (event) => {
    touches.delete(event.pointerId);
    if (press && !press.moved && event.button === 0 && !event.shiftKey) click(event);
    press = null;
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
  on('pointerleave', () => viewer.state.setState({ cursor: null }));
  on('focus', () => viewer.state.setState({ active: plane }));
  on('dblclick', () => viewer.dispatch({ kind: 'maximise', plane }));
  on('contextmenu', (event) => event.preventDefault());
  on('wheel', (event) => {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      zoom(event, Math.exp(-event.deltaY * WHEEL_ZOOM_PER_PX));
      return;
    }
    const by = wheel.stepsFor(plane, event.deltaY, event.deltaMode);
    if (by !== 0) viewer.dispatch({ kind: 'step', plane, by });
  });
  return () => listeners.abort();
}
