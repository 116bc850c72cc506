/** Where the pointer is, for who reads what lies under it. */
import type { ToolHost } from './tool';

/**
 * Keeps `pointer` of the view while it is over the viewports.
 * @param panes the element around all of them: a viewport may come or go under a pointer that rests
 * @returns a function that removes all listeners
 */
export function trackPointer(panes: HTMLElement, viewer: Pick<ToolHost, 'state'>): () => void {
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
