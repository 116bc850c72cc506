/** Shows in the viewer what the app has open. The one place where inference results meet the viewer. */
import type { App } from '../state/app';
import type { Viewer } from '../viewer/viewer';

export function connectViewer(app: App, viewer: Viewer): void {
  app.state.subscribe((now, before) => {
    const { volume, labels, partial } = app.session;
    if (now.scan !== before.scan) {
      if (now.scans === before.scans && volume) viewer.showChannel(volume);
      else viewer.setVolume(volume);
    }
    if (now.result !== before.result) viewer.setLabels(labels, now.result?.labels ?? []);
    else if (now.partial !== before.partial) {
      if (now.partial && partial) viewer.addLabels(partial, now.partial.origin.model.labels, now.partial.box);
      else viewer.dropUnfinishedLabels();
    }
  });
}
