/** Keys and mouse, generated from the binding tables. */
import { useEffect, useRef } from 'react';
import { GESTURE_BINDINGS, KEY_BINDINGS } from '../viewer/tools/bindings';
import { CloseIcon } from './icons';

export function HelpDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog ref={dialog} className="dialog help" aria-labelledby="help-title" onClose={onClose}>
      <div className="dialog-head">
        <h2 id="help-title">Keys and mouse</h2>
        <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
          <CloseIcon />
        </button>
      </div>
      <div className="help-columns">
        <section>
          <h3>Mouse and touch, in a pane</h3>
          <List rows={GESTURE_BINDINGS} />
          <p className="muted">
            Sides follow the radiological convention unless changed in the toolbar: the patient's right is on the left
            of axial and coronal slices, and sagittal slices look to the left. The letters on the edges always say which
            side is which; with a "?" where the file leaves it in doubt.
          </p>
        </section>
        <section>
          <h3>Keys</h3>
          <List rows={[...KEY_BINDINGS, { shown: '?', does: 'This list' }]} />
          <p className="muted">
            Keys that move slices act on the pane with the light border: the one under the pointer, or the one that Tab
            leads to.
          </p>
        </section>
      </div>
    </dialog>
  );
}

function List({ rows }: { rows: readonly { readonly shown: string; readonly does: string }[] }) {
  return (
    <dl>
      {rows.map(({ shown, does }) => (
        <div key={shown}>
          <dt>
            <kbd>{shown}</kbd>
          </dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  );
}
