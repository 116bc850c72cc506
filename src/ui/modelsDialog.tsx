/** All models: choosing, adding and deleting them. */
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import type { App } from '../state/app';
import { isBusy } from '../state/status';
import { AddingStatus } from './addingStatus';
import { OpenButton } from './fileOpening';
import { formatBytes } from './format';
import { CloseIcon } from './icons';
import { ModelRow } from './modelRow';

interface ModelsDialogProps {
  readonly app: App;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onCard: (modelId: string) => void;
}

export function ModelsDialog({ app, open, onClose, onCard }: ModelsDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const models = useStore(app.state, (now) => now.models);
  const modelId = useStore(app.state, (now) => now.modelId);
  const busy = useStore(app.state, (now) => isBusy(now.status));
  const adding = useStore(app.state, (now) => now.adding?.phase === 'working');
  useEffect(() => {
    if (open) {
      void app.refreshStorage();
      dialog.current?.showModal();
      dialog.current?.querySelector<HTMLElement>('input:checked')?.focus();
    } else dialog.current?.close();
  }, [open, app]);
  return (
    <dialog
      ref={dialog}
      className="dialog models"
      aria-labelledby="models-title"
      onClose={() => {
        app.dismissAdding();
        onClose();
      }}
    >
      <div className="dialog-head">
        <h2 id="models-title">Models</h2>
        <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
          <CloseIcon />
        </button>
      </div>
      <AddingStatus app={app} />
      <fieldset className="model-list" disabled={busy}>
        <legend className="visually-hidden">Model used for segmenting</legend>
        {models.map((entry) => (
          <ModelRow key={entry.id} app={app} entry={entry} chosen={entry.id === modelId} onCard={onCard} />
        ))}
        {models.length === 0 && <p className="muted">There is no model yet. Add one below.</p>}
      </fieldset>
      {busy && <p className="muted">A segmentation is running; the model can be changed when it has ended.</p>}
      <section className="model-add">
        <h3>Add a model</h3>
        <p className="muted">
          Drop its folder or zip anywhere on this page, or choose it here. A model is a model.json with its model.onnx,
          as "python -m unetrpp.export" writes them. It stays in this browser; nothing is uploaded.
        </p>
        <div className="model-add-buttons">
          <OpenButton app={app} className="button" folder disabled={adding} testId="model-folder-input">
            Choose a folder…
          </OpenButton>
          <OpenButton app={app} className="button" disabled={adding} testId="model-file-input">
            Choose a zip or files…
          </OpenButton>
        </div>
        <StorageLine app={app} />
      </section>
    </dialog>
  );
}

/** What the models take up here, and what would still fit. */
function StorageLine({ app }: { app: App }) {
  const models = useStore(app.state, (now) => now.models);
  const storage = useStore(app.state, (now) => now.storage);
  if (!storage) return null;
  const kept = models.reduce((sum, entry) => sum + (entry.kept?.storedBytes ?? 0), 0);
  const { usedBytes, quotaBytes } = storage;
  const free = usedBytes === null || quotaBytes === null ? null : Math.max(0, quotaBytes - usedBytes);
  return (
    <p className="muted" data-testid="storage">
      {kept > 0 ? `Models kept in this browser: ${formatBytes(kept)}.` : 'No model is kept in this browser yet.'}
      {free !== null && ` About ${formatBytes(free)} more would fit.`}
    </p>
  );
}
