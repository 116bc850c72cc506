/** The files the user takes away, named after what the result is of, not after what is shown or chosen by now. */
import { useState } from 'react';
import { useStore } from 'zustand';
import { writeLabelNifti } from '../files/nifti/writeNifti';
import type { App } from '../state/app';
import { scansOf } from '../state/results';
import { csvName, download, maskName, stem, volumesCsv } from './exportFiles';
import { DownloadIcon } from './icons';

/** Writes the result's masks and hands them to the browser. @returns whether that succeeded; what failed is reported */
export async function saveMask(app: App): Promise<boolean> {
  const { result } = app.state.getState();
  const { labels } = app.session;
  if (!result || !labels || result.origin.kind !== 'run') return false;
  const { model } = result.origin;
  try {
    const description = `Organscope ${model.name} ${model.version}`;
    const bytes = await writeLabelNifti(labels, { labelNames: result.labels, description });
    download(maskName(scansOf(result.origin)[0], model.name), bytes, 'application/gzip');
    app.markSaved(result.id);
    return true;
  } catch (error) {
    app.report(error);
    return false;
  }
}

function saveVolumes(app: App): void {
  const { result } = app.state.getState();
  if (!result) return;
  const { origin, labels, regions, sizes } = result;
  const scans = scansOf(origin);
  const [by, inName] =
    origin.kind === 'run'
      ? [`${origin.model.name} ${origin.model.version}`, origin.model.name]
      : [origin.name, stem(origin.name)];
  download(csvName(scans[0], inName), volumesCsv({ labels, regions, sizes, scans, by }), 'text/csv');
}

export function Downloads({ app }: { app: App }) {
  const kind = useStore(app.state, (now) => now.result?.origin.kind);
  const [writing, setWriting] = useState(false);
  if (!kind) return null;
  const save = async () => {
    setWriting(true);
    await saveMask(app);
    setWriting(false);
  };
  return (
    <div className="downloads">
      {kind === 'run' && (
        <button type="button" className="button" disabled={writing} onClick={() => void save()}>
          <DownloadIcon /> {writing ? 'Writing…' : 'Mask (.nii.gz)'}
        </button>
      )}
      <button type="button" className="button" onClick={() => saveVolumes(app)}>
        <DownloadIcon /> Volumes (.csv)
      </button>
    </div>
  );
}
