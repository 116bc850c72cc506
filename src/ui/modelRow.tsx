/** One model in the list: what it is for, how large, how good, and whose. */
import { useState } from 'react';
import type { ModelEntry } from '../models/entries';
import type { Manifest } from '../models/manifest';
import { meanDice } from '../models/quality';
import type { App } from '../state/app';
import { formatBytes, formatDate } from './format';

const SOURCES: Readonly<Record<ModelEntry['source'], string>> = {
  bundled: 'Comes with Organscope',
  address: "From this page's address",
  own: 'Added by you',
};

interface ModelRowProps {
  readonly app: App;
  readonly entry: ModelEntry;
  readonly chosen: boolean;
  readonly onCard: (modelId: string) => void;
}

export function ModelRow({ app, entry, chosen, onCard }: ModelRowProps) {
  const { id, manifest } = entry;
  const structures = manifest.labels.filter((label) => label.id !== 0);
  return (
    <div className="model-row" data-model={id} data-chosen={chosen || undefined}>
      <label className="model-choice">
        <input type="radio" name="model" checked={chosen} onChange={() => app.selectModel(id)} />
        <span className="model-title">{manifest.title}</span>
        <ModelTags manifest={manifest} />
      </label>
      <div className="model-row-facts">
        <p>
          <Quality manifest={manifest} />
        </p>
        <p className="muted">
          {[
            `${formatBytes(manifest.weights.bytes)}${manifest.weights.precision === 'fp16' ? ' (float16)' : ''}`,
            `version ${manifest.version}`,
            `licence ${manifest.license}`,
          ].join(' · ')}
        </p>
        <p className="muted">{origin(entry)}</p>
        {manifest.channels.length > 1 && (
          <p className="muted">
            Needs {manifest.channels.length} scans on one grid: {manifest.channels.map(({ name }) => name).join(', ')}
          </p>
        )}
        <div className="model-row-end">
          <details>
            <summary>{structureCount(manifest)}</summary>
            <ul className="model-structures">
              {structures.map(({ id: label, name, color }) => (
                <li key={label}>
                  <span className="swatch" style={{ background: `rgb(${color.join(' ')})` }} aria-hidden="true" />{' '}
                  {name}
                </li>
              ))}
            </ul>
          </details>
          <button
            type="button"
            className="link"
            aria-label={`Model card: ${manifest.title}`}
            onClick={() => onCard(id)}
          >
            Model card
          </button>
          {entry.kept && <DeleteButton app={app} entry={entry} />}
        </div>
      </div>
    </div>
  );
}

/** "16 structures": all labels but the background. */
export function structureCount({ labels }: Manifest): string {
  return labels.length === 2 ? '1 structure' : `${labels.length - 1} structures`;
}

/** What every list and card says first: modality, and whether to trust it. */
export function ModelTags({ manifest }: { manifest: Manifest }) {
  return (
    <>
      <span className="tag">{manifest.modality}</span>
      {manifest.experimental && <span className="tag tag-warning">Experimental</span>}
    </>
  );
}

/** "Mean Dice: 0.64, scan.nii.gz; 0.60, worst of them", per scan that it was measured on. */
export function Quality({ manifest: { evaluation, labels } }: { manifest: Manifest }) {
  const measured = evaluation.flatMap(({ scan, dice }) => {
    const mean = meanDice(dice, labels);
    return mean === null ? [] : [`${mean.toFixed(2)}, ${scan}`];
  });
  return measured.length === 0 ? <>Quality not measured</> : <>Mean Dice: {measured.join('; ')}</>;
}

function origin({ source, kept }: ModelEntry): string {
  if (source === 'own') return `${SOURCES.own} on ${formatDate(kept?.addedAt ?? '')}, kept in this browser`;
  if (!kept) return `${SOURCES[source]}; downloaded when first used`;
  const whole = kept.storedBytes >= kept.manifest.weights.bytes;
  return `${SOURCES[source]}; ${whole ? 'downloaded, works without a connection' : `${formatBytes(kept.storedBytes)} downloaded`}`;
}

/** Asks once, in place: the second button is where the eyes are. */
function DeleteButton({ app, entry }: { app: App; entry: ModelEntry }) {
  const [asking, setAsking] = useState(false);
  const own = entry.source === 'own';
  const { title } = entry.manifest;
  const verb = own ? 'Delete' : 'Remove download';
  if (!asking) {
    return (
      <button type="button" className="link" aria-label={`${verb}: ${title}`} onClick={() => setAsking(true)}>
        {verb}…
      </button>
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would inherit the list's own
    <span className="model-delete" role="group" aria-label={`${verb}: ${title}`}>
      <span>
        {own ? 'Delete it from this browser?' : 'Remove it from this browser? It is downloaded again when used.'}
      </span>
      {/* biome-ignore lint/a11y/noAutofocus: the button pressed just now is gone, and this one answers it */}
      <button type="button" className="button button-small" autoFocus onClick={() => void app.deleteModel(entry.id)}>
        {own ? 'Delete' : 'Remove'}
      </button>
      <button type="button" className="button button-small" onClick={() => setAsking(false)}>
        Keep
      </button>
    </span>
  );
}
