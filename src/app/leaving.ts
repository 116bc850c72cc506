/** Asks before the page is left while there is something to lose. */

import type { App } from '../state/app';
import { isUnsaved } from '../state/results';
import { isBusy } from '../state/status';

/**
 * The browser asks in its own words, and only a user who did something on the page. The listener is there only while it is
 * needed: pages that have one are not kept for the back button.
 * @param target window; replaced in tests
 */
export function askBeforeLeaving(
  app: Pick<App, 'state'>,
  target: Pick<EventTarget, 'addEventListener' | 'removeEventListener'> = window,
): void {
  const onLeave = (event: Event) => event.preventDefault();
  const update = () => {
    const now = app.state.getState();
    if (isBusy(now.status) || now.study.labelMaps.some(isUnsaved)) target.addEventListener('beforeunload', onLeave);
    else target.removeEventListener('beforeunload', onLeave);
  };
  app.state.subscribe(update);
  update();
}
