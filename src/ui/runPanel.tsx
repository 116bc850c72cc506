/** Starting, watching and ending a segmentation, and what it ran on. */
import { useStore } from 'zustand';
import type { ProviderChoice } from '../inference/protocol';
import { plannedRuns } from '../inference/schemes/plannedRuns';
import { say } from '../locales/say';
import { chosenModel } from '../models/entries';
import { mirroringOf } from '../models/mirroring';
import type { App } from '../state/app';
import { chosenWarnings, fittingModel } from '../state/modelChoice';
import { isOfNow, shownLabels } from '../state/results';
import { missingChannels, shownScan } from '../state/scans';
import { can, isBusy } from '../state/status';
import { formatSeconds, mirroringCost, progressFraction, progressText } from './format';

const PROVIDERS: readonly { readonly value: ProviderChoice; readonly title: string }[] = [
  { value: 'auto', title: 'Automatic' },
  { value: 'wgsl', title: 'Graphics processor' },
  { value: 'hybrid', title: 'Graphics processor, mostly ONNX Runtime' },
  { value: 'webgpu', title: 'Graphics processor, ONNX Runtime only' },
  { value: 'wasm', title: 'Main processor' },
];

export function RunPanel({ app }: { app: App }) {
  const status = useStore(app.state, (now) => now.status);
  const provider = useStore(app.state, (now) => now.provider);
  const hasModel = useStore(app.state, (now) => now.modelId !== null);
  const missing = useStore(app.state, missingChannels);
  const again = useStore(app.state, (now) => {
    const shown = shownLabels(now);
    return shown !== null && isOfNow(shown, now);
  });
  const doubtful = useStore(app.state, (now) => chosenWarnings(now).length > 0);
  const busy = isBusy(status);
  return (
    <section className="card run" data-status={status}>
      {busy ? (
        <RunProgress app={app} />
      ) : (
        <>
          <SuitabilityNote app={app} />
          <button
            type="button"
            className={`button button-large run-button ${again || doubtful ? '' : 'button-primary'}`}
            disabled={!hasModel || missing !== '' || !can(status, 'segment')}
            onClick={() => void app.segment()}
          >
            {again ? 'Segment again' : doubtful ? 'Segment anyway' : 'Segment'}
          </button>
          {missing !== '' && <p className="muted">Choose a scan for {missing} first.</p>}
          <MirrorChoice app={app} />
          <label className="control run-provider">
            <span className="control-name">Run on</span>
            <select value={provider} onChange={(event) => app.selectProvider(event.target.value as ProviderChoice)}>
              {PROVIDERS.map(({ value, title }) => (
                <option key={value} value={value}>
                  {title}
                </option>
              ))}
            </select>
          </label>
        </>
      )}
      <p className="run-outcome" role="status" data-testid="run-status">
        {status === 'cancelled' && 'Cancelled. Nothing was changed.'}
        {status === 'failed' && 'The segmentation did not finish; the message above says why.'}
      </p>
    </section>
  );
}

/** Averaging over mirrored windows, where the model allows it, with what it costs. */
function MirrorChoice({ app }: { app: App }) {
  const model = useStore(app.state, (now) => chosenModel(now)?.manifest);
  const chosen = useStore(app.state, (now) => now.mirror);
  const scan = useStore(app.state, (now) => shownScan(now)?.grid ?? null);
  const mirroring = model && mirroringOf(model);
  if (!mirroring) return null;
  return (
    <label className="run-mirror">
      <input
        type="checkbox"
        checked={chosen ?? mirroring.byDefault}
        onChange={(event) => app.selectMirror(event.target.checked)}
      />
      <span>
        Average over mirrored windows{' '}
        <span className="muted">({mirroringCost(mirroring.passes, scan && plannedRuns(scan, model).windows)})</span>
      </span>
    </label>
  );
}

/** A model run on what it is not made for gives confident nonsense: say so before, not after, and offer one that fits. */
function SuitabilityNote({ app }: { app: App }) {
  // As a sentence: a message is another object each time, and React would never come to an end.
  const why = useStore(app.state, (now) => {
    const [worst] = chosenWarnings(now);
    return worst && say(worst);
  });
  const fitting = useStore(app.state, (now) => fittingModel(now));
  if (!why) return null;
  return (
    <div className="notice notice-warning run-unsuitable">
      <p>{why}</p>
      {fitting && (
        <button type="button" className="button" onClick={() => app.selectModel(fitting.id)}>
          Use “{fitting.manifest.title}”
        </button>
      )}
    </div>
  );
}

function RunProgress({ app }: { app: App }) {
  const progress = useStore(app.state, (now) => now.progress);
  const runningOn = useStore(app.state, (now) => now.runningOn);
  const cancelling = useStore(app.state, (now) => now.status === 'cancelling');
  const text = cancelling ? 'Stopping' : progress ? progressText(progress, runningOn?.provider) : 'Starting';
  const fraction = progress && !cancelling ? progressFraction(progress) : null;
  const secondsLeft = progress?.secondsLeft ?? null;
  return (
    <>
      <p className="run-phase">
        <span data-testid="run-phase">{text}</span>
        {secondsLeft !== null && !cancelling && <span className="run-left">{formatSeconds(secondsLeft)} left</span>}
      </p>
      <progress
        className="run-bar"
        aria-label="Segmentation progress"
        {...(fraction === null ? {} : { value: fraction })}
      />
      {/* Announced once per phase; the numbers would interrupt every second. */}
      <p className="visually-hidden" aria-live="polite">
        {cancelling ? 'Stopping' : progress ? progressText({ ...progress, total: 0 }, runningOn?.provider) : 'Starting'}
      </p>
      {runningOn && <p className="muted run-on">{say(runningOn.reason)}</p>}
      {progress?.memory && <p className="muted run-on">{say(progress.memory.text)}</p>}
      <button
        type="button"
        className="button button-large run-button"
        disabled={cancelling}
        onClick={() => app.cancel()}
      >
        {cancelling ? 'Stopping…' : 'Cancel'}
      </button>
    </>
  );
}
