/** Shows in the viewer what the app has open. The one place where inference results meet the viewer. */
import { newId } from '../core/ids';
import type { App } from '../state/app';
import type { ScanSummary } from '../state/scans';
import type { LabelMapId, ScanId } from '../study/document';
import type { LabelSource, ScanSource } from '../viewer/layers/sources';
import type { Viewer } from '../viewer/viewer';
import { intensityOfVolume } from '../volume/intensity';
import type { LabelVolume, Volume } from '../volume/volume';

const scanSource = ({ id }: ScanSummary, volume: Volume): ScanSource => ({
  id: `scan-${id}` as ScanId,
  grid: volume,
  orientationDoubt: volume.orientationDoubt ?? null,
  intensity: intensityOfVolume(volume),
  data: volume.data,
});

const labelSource = (id: LabelMapId, labels: LabelSource['labels'], volume: LabelVolume): LabelSource => ({
  id,
  grid: volume,
  labels,
  revision: 0,
  data: volume.data,
});

export function connectViewer(app: App, viewer: Viewer): void {
  /** What a run has finished of its masks so far. */
  let running: LabelSource | null = null;
  app.state.subscribe((now, before) => {
    const { volume, labels, partial } = app.session;
    if (now.scan !== before.scan) {
      const scan = now.scan && volume && scanSource(now.scan, volume);
      if (now.scans === before.scans && scan) viewer.showChannel(scan);
      else viewer.setScan(scan);
    }
    if (now.result === before.result && now.partial === before.partial) return;
    if (!now.partial || !partial) running = null;
    else {
      const begun =
        running?.data === partial.data
          ? { ...running, revision: running.revision + 1 }
          : labelSource(newId('labels'), now.partial.origin.model.labels, partial);
      running = { ...begun, changed: now.partial.box };
    }
    const { result } = now;
    const finished = result && labels ? [labelSource(`labels-${result.id}` as LabelMapId, result.labels, labels)] : [];
    viewer.setLabelMaps(running ? [...finished, running] : finished, running?.id);
  });
}
