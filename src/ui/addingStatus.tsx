/** A model being added: what is happening, what went wrong, what there is to decide. */
import { useStore } from 'zustand';
import { say } from '../locales/say';
import type { App } from '../state/app';
import { addingText, progressFraction } from './format';
import { CloseIcon } from './icons';

export function AddingStatus({ app }: { app: App }) {
  const adding = useStore(app.state, (now) => now.adding);
  if (!adding) return null;
  if (adding.phase === 'working') {
    const { progress, stopping } = adding;
    const text = stopping ? 'Stopping' : progress ? addingText(progress) : 'Reading the files';
    const fraction = progress && !stopping ? progressFraction(progress) : null;
    return (
      <div className="adding" data-testid="adding">
        <p className="run-phase">Adding a model: {text}</p>
        <progress className="run-bar" aria-label="Adding a model" {...(fraction === null ? {} : { value: fraction })} />
        {/* Announced once per step; the numbers would interrupt every second. */}
        <p className="visually-hidden" aria-live="polite">
          {progress ? addingText({ ...progress, total: 0 }) : ''}
        </p>
        <button type="button" className="button button-small" disabled={stopping} onClick={() => app.cancelAdding()}>
          {stopping ? 'Stopping…' : 'Cancel'}
        </button>
      </div>
    );
  }
  if (adding.phase === 'asking') {
    return (
      <div className="notice notice-warning" role="alert">
        <p>{say(adding.message)}</p>
        <span className="adding-answers">
          <button type="button" className="button button-small" onClick={() => void app.answerReplacing(true)}>
            Replace
          </button>
          <button type="button" className="button button-small" onClick={() => void app.answerReplacing(false)}>
            Keep what is here
          </button>
        </span>
      </div>
    );
  }
  const failed = adding.phase === 'failed';
  return (
    <div
      className={`notice ${failed ? 'notice-error' : 'notice-done'}`}
      role={failed ? 'alert' : 'status'}
      data-code={failed ? adding.message.code : undefined}
    >
      <p>
        {failed && <strong>The model was not added. </strong>}
        {say(adding.message)}
      </p>
      <button
        type="button"
        className="icon-button"
        aria-label="Dismiss this message"
        onClick={() => app.dismissAdding()}
      >
        <CloseIcon />
      </button>
    </div>
  );
}
