/** Keys and mouse, generated from the binding tables. */
import { useEffect, useRef } from 'react';
import { type Message, message } from '../core/messages';
import { say } from '../locales/say';
import { POINTER_BINDINGS } from '../viewer/tools/bindings';
import { KEY_BINDINGS } from '../viewer/tools/keyBindings';
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
          <List rows={POINTER_BINDINGS} />
          <p className="muted">
            Sides follow the radiological convention unless changed in the toolbar: the patient's right is on the left
            of axial and coronal slices, and sagittal slices look to the left. The letters on the edges always say which
            side is which; with a "?" where the file leaves it in doubt.
          </p>
        </section>
        <section>
          <h3>Keys</h3>
          <List rows={[...KEY_BINDINGS, { shown: '?', does: message('this-list') }]} />
          <p className="muted">
            Keys that move slices act on the pane with the light border: the one under the pointer, or the one that Tab
            leads to.
          </p>
        </section>
      </div>
    </dialog>
  );
}

interface Row {
  /** What is printed on keys, or a name. */
  readonly shown: string | Message;
  readonly does: Message;
}

function List({ rows }: { rows: readonly Row[] }) {
  return (
    <dl>
      {rows.map(({ shown, does }) => (
        <div key={does.code}>
          <dt>{typeof shown === 'string' ? <kbd translate="no">{shown}</kbd> : <kbd>{say(shown)}</kbd>}</dt>
          <dd>{say(does)}</dd>
        </div>
      ))}
    </dl>
  );
}
