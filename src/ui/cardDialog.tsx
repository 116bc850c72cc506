/** A model's card: its MODEL_CARD.md, or without one what model.json says. */
import { Component, lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { ModelEntry } from '../models/entries';
import type { App } from '../state/app';
import { CloseIcon } from './icons';
import { ModelFacts } from './modelFacts';
import { ModelTags } from './modelRow';

/** Markdown is as large as the rest of the page's own code, and few visitors read a card. */
const loadCardText = () => import('./markdown');
const CardText = lazy(loadCardText);

/** @param modelId whose card is shown; null closes the dialog */
export function CardDialog({ app, modelId, onClose }: { app: App; modelId: string | null; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const entry = useStore(app.state, (now) => now.models.find(({ id }) => id === modelId));
  const open = entry !== undefined;
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  // Ahead of the first card, so that it can be read when the connection is gone by then.
  useEffect(() => {
    loadCardText().catch(() => undefined);
  }, []);
  return (
    <dialog ref={dialog} className="dialog model-card" aria-labelledby="card-title" onClose={onClose}>
      <div className="dialog-head">
        <h2 id="card-title">{entry?.manifest.title}</h2>
        <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
          <CloseIcon />
        </button>
      </div>
      {entry && <Card key={entry.id} app={app} entry={entry} />}
    </dialog>
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
  const reading = <p className="muted">Reading the card…</p>;
  return (
    <>
      <p className="model-facts">
        <ModelTags manifest={manifest} />
        <span>licence {manifest.license}</span>
        <span>{origin(entry, text)}</span>
      </p>
      {manifest.experimental && (
        <p className="notice notice-warning">
          Experimental: not good enough to rely on for what it is meant for. Look at every mask before you use it.
        </p>
      )}
      {text === undefined && reading}
      {text === null && <ModelFacts manifest={manifest} />}
      {typeof text === 'string' && (
        <PlainWhenBroken text={text}>
          <Suspense fallback={reading}>
            <CardText text={text} title={manifest.title} />
          </Suspense>
        </PlainWhenBroken>
      )}
    </>
  );
}

/** Whose words follow. */
function origin({ source }: ModelEntry, text: string | null | undefined): string {
  if (text === undefined) return '';
  if (text === null) return 'no card (MODEL_CARD.md) at hand; this is what its model.json says';
  return source === 'bundled' ? 'from its MODEL_CARD.md' : "from its MODEL_CARD.md, in its makers' words";
}

/** The card as it was typed, where it cannot be set: its Markdown overstrains the parser, or that cannot be fetched. */
class PlainWhenBroken extends Component<{ text: string; children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    return this.state.broken ? <pre>{this.props.text}</pre> : this.props.children;
  }
}
