/** Asks before something that the user had would be lost, or where a file may be meant in two ways. */
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { say } from '../locales/say';
import type { App } from '../state/app';
import type { Answer } from '../state/questions';
import { saveMask } from './downloads';

export function QuestionDialog({ app }: { app: App }) {
  const question = useStore(app.state, (now) => now.question);
  const dialog = useRef<HTMLDialogElement>(null);
  const [saving, setSaving] = useState(false);
  useEffect(() => {
    if (question && !dialog.current?.open) dialog.current?.showModal();
    if (!question) dialog.current?.close();
  }, [question]);

  const give = async (answer: Answer) => {
    if (answer !== 'save') return app.answer(answer);
    setSaving(true);
    const saved = await saveMask(app);
    setSaving(false);
    // What was not saved is kept; the message that says why is beside it.
    if (app.state.getState().question === question) app.answer(saved ? 'replace' : 'keep');
  };

  return (
    <dialog
      ref={dialog}
      className="dialog question"
      aria-labelledby="question-title"
      // Escape changes nothing. The event comes late: the next question may be open by then.
      onClose={() => !dialog.current?.open && app.state.getState().question && app.answer('keep')}
    >
      {question && (
        <>
          <h2 id="question-title">{say(question.title)}</h2>
          <p>{say(question.text)}</p>
          <div className="question-answers">
            {question.answers.map(({ answer, label }, at) => (
              <button
                key={answer}
                type="button"
                className={`button ${at === 0 ? 'button-primary' : ''}`}
                disabled={saving}
                onClick={() => void give(answer)}
              >
                {saving && answer === 'save' ? 'Writing…' : say(label)}
              </button>
            ))}
          </div>
        </>
      )}
    </dialog>
  );
}
