/** The files the user takes away, named after what the result is of, not after what is shown or chosen by now. */
import { writeLabelNifti } from '../../files/nifti/writeNifti';
import type { App } from '../../state/app';
import { scansOf, shownLabels } from '../../state/results';
import { byId } from '../../study/document';
import { labelVolumeOf } from '../../study/volumes';
import { csvName, download, maskName, stem, volumesCsv } from '../exportFiles';

/** Writes the result's masks and hands them to the browser. @returns whether that succeeded; what failed is reported */
export async function saveMask(app: App): Promise<boolean> {
  const { document, voxels } = app.study;
  const labelMap = shownLabels(app.state.getState());
  if (labelMap?.madeFrom.kind !== 'model') return false;
  const { model } = labelMap.madeFrom;
  try {
    const labels = labelVolumeOf(labelMap, byId(document.scans, labelMap.over), voxels);
    const description = `Organscope ${model.name} ${model.version}`;
    const bytes = await writeLabelNifti(labels, { labelNames: labelMap.labels, description });
    download(maskName(scansOf(labelMap, document)[0], model.name), bytes, 'application/gzip');
    app.markSaved(labelMap.id);
    return true;
  } catch (error) {
    app.report(error);
    return false;
  }
}

/** Writes the table of the result's volumes. */
export function saveVolumes(app: App): void {
  const labelMap = shownLabels(app.state.getState());
  if (!labelMap?.sizes) return;
  const { madeFrom, labels, regions, sizes } = labelMap;
  const scans = scansOf(labelMap, app.study.document);
  const [by, inName] =
    madeFrom.kind === 'model'
      ? [`${madeFrom.model.name} ${madeFrom.model.version}`, madeFrom.model.name]
      : [madeFrom.fileName, stem(madeFrom.fileName)];
  download(csvName(scans[0], inName), volumesCsv({ labels, regions, sizes, scans, by }), 'text/csv');
}
