/** Scans and models among files, opened and added, whichever way the files came. */
import { InvalidInputError } from '../../core/errors';
import { message } from '../../core/messages';
import type { NamedFile } from '../../files/namedFile';
import type { App } from '../../state/app';
import type { OpenMode } from '../../state/opening';

/** Opens the scans among the files and adds the model among them. What is wrong with them is reported. */
export async function openAll(app: App, files: readonly NamedFile[], mode?: OpenMode): Promise<void> {
  const sorted = await app.files.sortDrop(files).catch((error: unknown) => {
    app.report(error);
    return null;
  });
  if (!sorted) return;
  const { scans, model, leftOut } = sorted;
  if (scans.length === 0 && model.length === 0) app.report(new InvalidInputError('nothing-to-open'));
  await Promise.all([
    scans.length > 0 ? app.openFiles(scans, mode) : undefined,
    model.length > 0 ? app.addModel(model) : undefined,
  ]);
  if (leftOut.length > 0 && scans.length + model.length > 0) {
    app.inform(message('left-out', { names: leftOut.join(', ') }));
  }
}
