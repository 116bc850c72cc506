/** The files the user takes away. */
import { useState } from 'react';
import { useStore } from 'zustand';
import type { App } from '../state/store';
import { writeLabelNifti } from '../volume/writeNifti';
import { csvName, download, maskName, volumesCsv } from './exportFiles';
import { DownloadIcon } from './icons';

export function Downloads({ app }: { app: App }) {
  const hasResult = useStore(app.state, (now) => now.result !== null);
  const [writing, setWriting] = useState(false);
  if (!hasResult) return null;
  const saveMask = async () => {
    const { result, scan } = app.state.getState();
    const { labels } = app.session;
    if (!result || !scan || !labels) return;
    setWriting(true);
    try {
      const description = `Organscope ${result.model.name} ${result.model.version}`;
      const bytes = await writeLabelNifti(labels, { labelNames: result.model.labels, description });
      download(maskName(scan.name, result.model.name), bytes, 'application/gzip');
    } catch (error) {
      app.report(error);
    } finally {
      setWriting(false);
    }
  };
  const saveVolumes = () => {
    const { result, scan } = app.state.getState();
    if (!result || !scan) return;
    download(
      csvName(scan.name, result.model.name),
      volumesCsv(result.model.labels, result.voxels, result.ml),
      'text/csv',
    );
  };
  return (
    <div className="downloads">
      <button type="button" className="button" disabled={writing} onClick={() => void saveMask()}>
        <DownloadIcon /> {writing ? 'Writing…' : 'Mask (.nii.gz)'}
      </button>
      <button type="button" className="button" onClick={saveVolumes}>
        <DownloadIcon /> Volumes (.csv)
      </button>
    </div>
  );
}
