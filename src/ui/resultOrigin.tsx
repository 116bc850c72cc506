/** Where the masks on the screen come from: scans, model and device of the run, whatever is shown or chosen by now. */
import { useStore } from 'zustand';
import type { Provider } from '../inference/protocol';
import { say } from '../locales/say';
import type { App } from '../state/app';
import { isOfNow, scansOf, shownLabels } from '../state/results';
import type { LabelMap, PlannedRun, RunInformation, StudyDocument } from '../study/document';
import { formatDuration } from './format';
import { PROVIDER_TITLES } from './providers';

/** "Brain structures (MR), version 1.2.0, on a_t1.nii, a_t2.nii" */
const runText = ({ model, inputs }: PlannedRun): string =>
  `${model.title}, version ${model.version}, on ${inputs.map(({ name }) => name).join(', ')}`;

const originText = (labelMap: LabelMap, study: StudyDocument): string =>
  labelMap.madeFrom.kind === 'model'
    ? runText(labelMap.madeFrom)
    : `The file ${labelMap.madeFrom.fileName}, over ${scansOf(labelMap, study).join(', ')}`;

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
    <p className="muted result-origin" data-testid="result-origin">
      {unfinished ? `In the making: ${runText(unfinished.madeFrom)}.` : result && `${originText(result, study)}.`}
      {!unfinished && earlier && <strong> An earlier result: the model or the scans chosen now are others.</strong>}
      {!unfinished && warnings.length > 0 && <strong> {warnings.map(say).join(' ')}</strong>}
    </p>
  );
}

/** What the run took, and where it ran. */
export function RunReport({ app }: { app: App }) {
  const madeFrom = useStore(app.state, (now) => shownLabels(now)?.madeFrom);
  return madeFrom?.kind === 'model' ? <Report {...madeFrom.run} /> : null;
}

function Report({ provider, adapter, reason, milliseconds, windows, memory }: RunInformation) {
  return (
    <dl className="run-report" data-testid="run-report">
      <div>
        <dt>Ran on</dt>
        <dd>
          {PROVIDER_TITLES[provider as Provider]}, {say(adapter)}
          <span className="muted run-reason">{say(reason)}</span>
        </dd>
      </div>
      <div>
        <dt>Took</dt>
        <dd>
          {formatDuration(milliseconds)}
          <span className="muted">
            {' '}
            ({windows} {windows === 1 ? 'window' : 'windows'})
          </span>
          <span className="muted run-reason">{say(memory)}</span>
        </dd>
      </div>
    </dl>
  );
}
