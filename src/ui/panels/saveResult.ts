/** The files the user takes away, named after what the result is of, not after what is shown or chosen by now. */
import type { ExportSelection } from '../../files/exporter';
import type { ExporterId } from '../../files/exporters';
import { stem } from '../../files/names';
import type { App } from '../../state/app';
import { scansOf, shownLabels } from '../../state/results';
import { byId, type LabelMap } from '../../study/document';
import { labelVolumeOf } from '../../study/volumes';
import { download } from './download';

/** What the shown label map's files are made of. */
function selectionOf({ study }: App, labelMap: LabelMap): ExportSelection {
  const { madeFrom, labels, regions, sizes } = labelMap;
  const scans = scansOf(labelMap, study.document);
  const shared = { scanName: scans[0], scans, labels, regions, sizes };
  if (madeFrom.kind === 'file') {
    return { ...shared, madeBy: stem(madeFrom.fileName), by: madeFrom.fileName, volume: null };
  }
  const { name, version } = madeFrom.model;
  const by = `${name} ${version}`;
  const volume = labelVolumeOf(labelMap, byId(study.document.scans, labelMap.over), study.voxels);
  return { ...shared, madeBy: name, by, description: `Organscope ${by}`, volume };
}

/** Makes files and hands them to the browser. @returns whether that succeeded; what failed is reported */
async function save(app: App, exporter: ExporterId, selection: ExportSelection): Promise<boolean> {
  try {
    for (const { name, blob } of await app.files.exportFiles(exporter, selection)) download(name, blob);
    return true;
  } catch (error) {
    app.report(error);
    return false;
  }
}

/** Writes the result's masks and hands them to the browser. @returns whether that succeeded; what failed is reported */
export async function saveMask(app: App): Promise<boolean> {
  const labelMap = shownLabels(app.state.getState());
  if (!labelMap) return false;
  const selection = selectionOf(app, labelMap);
  if (!selection.volume || !(await save(app, 'nifti-mask', selection))) return false;
  app.markSaved(labelMap);
  return true;
}

/** Writes the table of the result's volumes. */
export function saveVolumes(app: App): void {
  const labelMap = shownLabels(app.state.getState());
  if (labelMap?.sizes) void save(app, 'volumes-csv', { ...selectionOf(app, labelMap), volume: null });
}
