/** One model in the list: what it is for, how large, how good, and whose. */
import { message } from '../../core/messages';
import { t } from '../../locales/say';
import type { ModelEntry } from '../../models/entries';
import type { App } from '../../state/app';
import { formatBytes, formatDate } from '../format';
import { Button } from '../kit/button';
import { Swatch } from '../kit/swatch';
import { Muted } from '../kit/text';
import { ModelTags } from '../panels/modelTags';
import { qualityText, structureCount } from '../panels/quality';
import { DeleteModel } from './deleteModel';
import styles from './modelRow.module.css';

const FROM = { bundled: message('from-organscope'), address: message('from-address') };

interface ModelRowProps {
  readonly app: App;
  readonly entry: ModelEntry;
  readonly chosen: boolean;
  readonly busy: boolean;
  readonly onCard: (modelId: string) => void;
}

export function ModelRow({ app, entry, chosen, busy, onCard }: ModelRowProps) {
  const { id, manifest } = entry;
  const { title, weights, version, license, channels } = manifest;
  const structures = manifest.labels.filter((label) => label.id !== 0);
  const size = formatBytes(weights.bytes);
  return (
    <div className={styles.row} data-model={id} data-chosen={chosen || undefined}>
      <label className={styles.choice}>
        <input type="radio" name="model" checked={chosen} onChange={() => app.selectModel(id)} />
        <span className={styles.title} data-testid="model-title" translate="no">
          {title}
        </span>
        <ModelTags manifest={manifest} />
      </label>
      <div className={styles.facts}>
        <p>{qualityText(manifest)}</p>
        <Muted>
          {weights.precision === 'fp16' ? t('model-weights', { size }) : <span translate="no">{size}</span>}
          {` · ${t('model-version', { version })} · ${t('model-licence', { licence: license })}`}
        </Muted>
        <Muted>{origin(entry)}</Muted>
        {channels.length > 1 && (
          <Muted>
            {t('needs-scans', { count: channels.length, channels: channels.map(({ name }) => name).join(', ') })}
          </Muted>
        )}
        <div className={styles.end}>
          <details>
            <summary>{structureCount(manifest)}</summary>
            <ul className={styles.structures}>
              {structures.map(({ id: label, name, color }) => (
                <li key={label} translate="no">
                  <Swatch color={color} /> {name}
                </li>
              ))}
            </ul>
          </details>
          <Button look="link" isDisabled={busy} aria-label={t('card-of', { title })} onPress={() => onCard(id)}>
            {t('model-card')}
          </Button>
          {entry.kept && <DeleteModel app={app} entry={entry} busy={busy} />}
        </div>
      </div>
    </div>
  );
}

function origin({ source, kept }: ModelEntry): string {
  if (source === 'own') return t('added-by-you', { date: formatDate(kept?.addedAt ?? '') });
  const from = FROM[source];
  if (!kept) return t('fetched-when-used', { from });
  const whole = kept.storedBytes >= kept.manifest.weights.bytes;
  return whole ? t('fetched', { from }) : t('fetched-partly', { from, size: formatBytes(kept.storedBytes) });
}
