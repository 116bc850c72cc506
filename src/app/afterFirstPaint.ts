/** Work that can wait until the user sees something: it would take the processor from what draws the page. */

/** Does the work once something of the page is on the screen; at once in a browser that does not tell. */
export function afterFirstPaint(work: () => void): void {
  if (!PerformanceObserver.supportedEntryTypes?.includes('paint')) {
    work();
    return;
  }
  const observer = new PerformanceObserver((list) => {
    if (list.getEntriesByName('first-contentful-paint').length === 0) return;
    observer.disconnect();
    work();
  });
  observer.observe({ type: 'paint', buffered: true });
}
