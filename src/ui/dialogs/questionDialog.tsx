/** Asks before something that the user had would be lost, or where a file may be meant in two ways. */
import { useState } from 'react';
import { useStore } from 'zustand';
import { say, t } from '../../locales/say';
import type { App } from '../../state/app';
import type { Answer } from '../../state/questions';
import { Button } from '../kit/button';
import { Dialog } from '../kit/dialog';
import { saveMask } from '../panels/saveResult';
import styles from './questionDialog.module.css';

export function QuestionDialog({ app }: { app: App }) {
  const question = useStore(app.state, (now) => now.question);
  const [saving, setSaving] = useState(false);

  const give = async (answer: Answer) => {
    if (answer !== 'save') return app.answer(answer);
    setSaving(true);
    const saved = await saveMask(app);
    setSaving(false);
    // What was not saved is kept; the message that says why is beside it.
    if (app.state.getState().question === question) app.answer(saved ? 'replace' : 'keep');
  };

  return (
    <Dialog
      open={question}
      title={question && say(question.title)}
      answersOnly
      className={styles.question}
      testId="question"
      // Escape changes nothing.
      onClose={() => app.answer('keep')}
    >
      {question && (
        <>
          <p>{say(question.text)}</p>
          <div className={styles.answers}>
            {question.answers.map(({ answer, label }, at) => (
              <Button
                key={answer}
                look={at === 0 ? 'primary' : 'plain'}
                isDisabled={saving}
                onPress={() => void give(answer)}
              >
                {saving && answer === 'save' ? t('writing-file') : say(label)}
              </Button>
            ))}
          </div>
        </>
      )}
    </Dialog>
  );
}
