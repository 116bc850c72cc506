/** A model's card: its MODEL_CARD.md, or without one what model.json says. */
import { lazy, Suspense, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { t } from '../../locales/say';
import type { ModelEntry } from '../../models/entries';
import type { App } from '../../state/app';
import { Dialog } from '../kit/dialog';
import { Notice } from '../kit/notice';
import { Muted } from '../kit/text';
import { FactsLine } from '../panels/factsLine';
import { ModelTags } from '../panels/modelTags';
import { ManifestCard } from './manifestCard';
import styles from './reading.module.css';
import { WhenBroken } from './whenBroken';

/** Markdown is as large as the rest of the page's own code, and few visitors read a card. */
const loadCardText = () => import('./markdown');
const CardText = lazy(loadCardText);

/** @param modelId whose card is shown; null closes the dialog */
export function CardDialog({ app, modelId, onClose }: { app: App; modelId: string | null; onClose: () => void }) {
  const entry = useStore(app.state, (now) => now.models.find(({ id }) => id === modelId));
  // Ahead of the first card, so that it can be read when the connection is gone by then.
  useEffect(() => {
    loadCardText().catch(() => undefined);
  }, []);
  return (
    <Dialog
      open={entry !== undefined}
      title={<span translate="no">{entry?.manifest.title}</span>}
      stickyHead
      className={styles.reading}
      testId="model-card"
      onClose={onClose}
    >
      {entry && <Card key={entry.id} app={app} entry={entry} />}
    </Dialog>
  );
}

function Card({ app, entry }: { app: App; entry: ModelEntry }) {
  const { id, manifest } = entry;
  /** Markdown; null: it has none; undefined: not known yet. */
  const [text, setText] = useState<string | null>();
  useEffect(() => {
    let shown = true;
    void app.readCard(id).then((read) => shown && setText(read));
    return () => {
      shown = false;
    };
  }, [app, id]);
  const reading = <Muted>{t('reading-card')}</Muted>;
  return (
    <>
      <FactsLine className={styles.facts}>
        <ModelTags manifest={manifest} />
        <span>{t('model-licence', { licence: manifest.license })}</span>
        <span>{origin(entry, text)}</span>
      </FactsLine>
      {manifest.experimental && (
        <Notice kind="warning" className={styles.notice}>
          {t('experimental-explained')}
        </Notice>
      )}
      {text === undefined && reading}
      {text === null && <ManifestCard manifest={manifest} />}
      {typeof text === 'string' && (
        <div translate="no" className={styles.text}>
          {/* As it was typed, where it cannot be set: its Markdown overstrains the parser, or that cannot be fetched. */}
          <WhenBroken instead={<pre>{text}</pre>}>
            <Suspense fallback={reading}>
              <CardText text={text} title={manifest.title} />
            </Suspense>
          </WhenBroken>
        </div>
      )}
    </>
  );
}

/** Whose words follow. */
function origin({ source }: ModelEntry, text: string | null | undefined): string {
  if (text === undefined) return '';
  if (text === null) return t('no-card');
  return source === 'bundled' ? t('card-ours') : t('card-theirs');
}
