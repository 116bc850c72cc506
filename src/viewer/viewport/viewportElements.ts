/** The elements that slices are drawn behind, by viewport. */
import type { ViewportId } from './viewport';
import type { WindowRect } from './viewState';

export class ViewportElements {
  private readonly elements = new Map<ViewportId, HTMLElement>();

  /** null takes it away. */
  set(id: ViewportId, element: HTMLElement | null): void {
    if (element) this.elements.set(id, element);
    else this.elements.delete(id);
  }

  rect(id: ViewportId): WindowRect | null {
    const element = this.elements.get(id);
    if (!element) return null;
    const { left, top, width, height } = element.getBoundingClientRect();
    return { left, top, width, height };
  }

  /** Where all of them are now; `before` itself where nothing has moved. */
  layout(before: Readonly<Partial<Record<ViewportId, WindowRect>>>): Readonly<Partial<Record<ViewportId, WindowRect>>> {
    const layout: Partial<Record<ViewportId, WindowRect>> = {};
    for (const id of this.elements.keys()) layout[id] = this.rect(id) ?? undefined;
    const ids = new Set([...Object.keys(before), ...Object.keys(layout)]);
    return [...ids].every((id) => sameRect(layout[id], before[id])) ? before : layout;
  }
}

const sameRect = (a: WindowRect | undefined, b: WindowRect | undefined) =>
  a?.left === b?.left && a?.top === b?.top && a?.width === b?.width && a?.height === b?.height;
