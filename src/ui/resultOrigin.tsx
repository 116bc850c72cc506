/** Where the masks on the screen come from: scans, model and device of the run, whatever is shown or chosen by now. */
import { useStore } from 'zustand';
import { say } from '../locales/say';
import type { App } from '../state/app';
import { type FinishedRun, isOfNow, type Origin, type PlannedRun, scansOf } from '../state/results';
import { formatDuration } from './format';
import { PROVIDER_TITLES } from './providers';

/** "Brain structures (MR), version 1.2.0, on a_t1.nii, a_t2.nii" */
const runText = ({ model, inputs }: PlannedRun): string =>
  `${model.title}, version ${model.version}, on ${inputs.map(({ name }) => name).join(', ')}`;

const originText = (origin: Origin): string =>
  origin.kind === 'run' ? runText(origin) : `The file ${origin.name}, over ${scansOf(origin).join(', ')}`;

export function ResultOrigin({ app }: { app: App }) {
  const result = useStore(app.state, (now) => now.result);
  const partial = useStore(app.state, (now) => now.partial);
  const earlier = useStore(app.state, ({ result, ...now }) => result?.origin.kind === 'run' && !isOfNow(result, now));
  if (!partial && !result) return null;
  return (
    <p className="muted result-origin" data-testid="result-origin">
      {partial ? `In the making: ${runText(partial.origin)}.` : result && `${originText(result.origin)}.`}
      {!partial && earlier && <strong> An earlier result: the model or the scans chosen now are others.</strong>}
      {!partial && result?.origin.kind === 'run' && result.origin.warnings.length > 0 && (
        <strong> {result.origin.warnings.map(say).join(' ')}</strong>
      )}
    </p>
  );
}

/** What the run took, and where it ran. */
export function RunReport({ app }: { app: App }) {
  const origin = useStore(app.state, (now) => now.result?.origin);
  return origin?.kind === 'run' ? <Report {...origin} /> : null;
}

function Report({ provider, timings, memory }: FinishedRun) {
  return (
    <dl className="run-report" data-testid="run-report">
      <div>
        <dt>Ran on</dt>
        <dd>
          {PROVIDER_TITLES[provider.provider]}, {say(provider.adapter)}
          <span className="muted run-reason">{say(provider.reason)}</span>
        </dd>
      </div>
      <div>
        <dt>Took</dt>
        <dd>
          {formatDuration(timings.totalMs)}
          <span className="muted">
            {' '}
            ({timings.windows} {timings.windows === 1 ? 'window' : 'windows'})
          </span>
          <span className="muted run-reason">{say(memory.text)}</span>
        </dd>
      </div>
    </dl>
  );
}
