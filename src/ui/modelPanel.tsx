/** The chosen model in the side panel: what it is for, how good it is, and the ways to its card and to other models. */
import { useStore } from 'zustand';
import { chosenModel } from '../models/entries';
import type { Manifest } from '../models/manifest';
import type { App } from '../state/app';
import { isBusy } from '../state/status';
import { ModelTags, Quality, structureCount } from './modelRow';

interface ModelPanelProps {
  readonly app: App;
  readonly onModels: () => void;
  readonly onCard: (modelId: string) => void;
}

export function ModelPanel({ app, onModels, onCard }: ModelPanelProps) {
  const entry = useStore(app.state, chosenModel);
  const count = useStore(app.state, (now) => now.models.length);
  const busy = useStore(app.state, (now) => isBusy(now.status));
  return (
    <section className="card">
      <div className="card-head">
        <h2>Model</h2>
        <button type="button" className="link" disabled={busy} onClick={onModels}>
          {count > 1 ? `Change (${count} models)…` : 'Models…'}
        </button>
      </div>
      {entry ? (
        <>
          <Summary model={entry.manifest} />
          <button type="button" className="link" onClick={() => onCard(entry.id)}>
            Model card: figures, limits, licence…
          </button>
        </>
      ) : (
        <p className="muted">No model is loaded. Scans can be viewed, not segmented.</p>
      )}
    </section>
  );
}

function Summary({ model }: { model: Manifest }) {
  return (
    <>
      <p className="model-title">{model.title}</p>
      <p className="model-facts">
        <ModelTags manifest={model} />
        <span>{structureCount(model)}</span>
        <span>version {model.version}</span>
      </p>
      <p className="model-use">{model.intendedUse}</p>
      <p className="model-quality">
        <Quality manifest={model} />
      </p>
    </>
  );
}
