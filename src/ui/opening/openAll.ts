/** Scans and models among files, opened and added, whichever way the files came. */
import { InvalidInputError } from '../../core/errors';
import { message } from '../../core/messages';
import type { NamedFile } from '../../files/namedFile';
import type { App } from '../../state/app';
import type { OpenMode } from '../../state/opening';

/** Counts what was asked to be opened. */
let asked = 0;
/** Which of those had its scans opened last. */
const openedLast = new WeakMap<OpeningApp, number>();

type OpeningApp = Pick<App, 'openFiles' | 'addModel' | 'report' | 'inform'> & { files: Pick<App['files'], 'sortDrop'> };

/**
 * Opens the scans among the files and adds the model among them. What is wrong with them is reported. Of two drops the later
 * one's scans are what stays open, also where sorting the earlier one, a large archive, takes longer.
 */
export async function openAll(app: OpeningApp, files: readonly NamedFile[], mode?: OpenMode): Promise<void> {
  const mine = ++asked;
  const sorted = await app.files.sortDrop(files).catch((error: unknown) => {
    app.report(error);
    return null;
  });
  if (!sorted) return;
  const { scans, model, leftOut } = sorted;
  if (scans.length === 0 && model.length === 0) app.report(new InvalidInputError('nothing-to-open'));
  const areNewest = scans.length > 0 && mine > (openedLast.get(app) ?? 0);
  if (areNewest) openedLast.set(app, mine);
  await Promise.all([
    areNewest ? app.openFiles(scans, mode) : undefined,
    model.length > 0 ? app.addModel(model) : undefined,
  ]);
  if (leftOut.length > 0 && scans.length + model.length > 0) {
    app.inform(message('left-out', { names: leftOut.join(', ') }));
  }
}
