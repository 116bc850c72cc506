/** Where the masks on the screen come from: scans and model of the run, whatever is shown or chosen by now. */
import { useStore } from 'zustand';
import { say, t } from '../../locales/say';
import type { App } from '../../state/app';
import { isOfNow, scansOf, shownLabels } from '../../state/results';
import type { LabelMap, PlannedRun, StudyDocument } from '../../study/document';
import { Muted } from '../kit/text';
import styles from './resultOrigin.module.css';

/** "Brain structures (MR)", "1.2.0", "a_t1.nii, a_t2.nii" */
const namesOf = ({ model, inputs }: PlannedRun) => ({
  model: model.title,
  version: model.version,
  scans: inputs.map(({ name }) => name).join(', '),
});

const originText = (labelMap: LabelMap, study: StudyDocument): string =>
  labelMap.madeFrom.kind === 'model'
    ? t('made-by-run', namesOf(labelMap.madeFrom))
    : t('made-from-file', { name: labelMap.madeFrom.fileName, scans: scansOf(labelMap, study).join(', ') });

export function ResultOrigin({ app }: { app: App }) {
  const result = useStore(app.state, shownLabels);
  const study = useStore(app.state, (now) => now.study);
  const unfinished = useStore(app.state, (now) => now.unfinished);
  const earlier = useStore(app.state, (now) => {
    const shown = shownLabels(now);
    return shown?.madeFrom.kind === 'model' && !isOfNow(shown, now);
  });
  if (!unfinished && !result) return null;
  const warnings = result?.madeFrom.kind === 'model' ? result.madeFrom.run.warnings : [];
  return (
    <Muted className={styles.origin} data-testid="result-origin">
      {unfinished ? t('in-the-making', namesOf(unfinished.madeFrom)) : result && originText(result, study)}
      {!unfinished && earlier && <strong> {t('earlier-result')}</strong>}
      {!unfinished && warnings.length > 0 && <strong> {warnings.map(say).join(' ')}</strong>}
    </Muted>
  );
}
