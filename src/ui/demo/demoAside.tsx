/** What stands beside the pictures in a step: facts in letters that can be read from far away. */
import type { ReactNode } from 'react';
import { useStore } from 'zustand';
import { type Message, message } from '../../core/messages';
import { say, t } from '../../locales/say';
import { chosenModel } from '../../models/entries';
import { meanDice } from '../../models/quality';
import type { App } from '../../state/app';
import type { RunningDemo } from '../../state/demo';
import type { Aside, DemoScript } from '../../state/demoScripts';
import { shownScan } from '../../state/scans';
import { isBusy } from '../../state/status';
import type { Viewer } from '../../viewer/viewer';
import { formatDims, formatDuration, formatSpacing } from '../format';
import { ProgressBar } from '../kit/progressBar';
import type { DialogName } from '../menu/entries';
import { Notices } from '../notices/notices';
import { Downloads } from '../panels/downloads';
import { RequestsBadge } from '../privacy/requestsBadge';
import { progressFraction, progressText } from '../progress';
import { DemoLegend } from './demoLegend';
import styles from './demoPage.module.css';

interface AsideProps {
  readonly app: App;
  readonly demo: RunningDemo;
  readonly onDialog: (name: DialogName) => void;
}

interface DemoAsideProps extends AsideProps {
  readonly viewer: Viewer;
  readonly script: DemoScript;
}

const ASIDES: Readonly<Record<Aside, (props: AsideProps) => ReactNode>> = {
  privacy: Readiness,
  scan: ScanFacts,
  run: RunFacts,
  volumes: RunFacts,
  save: ({ app }) => (
    <div className={styles.save}>
      <Downloads app={app} />
    </div>
  ),
  quality: Quality,
};

export function DemoAside({ app, viewer, demo, script, onDialog }: DemoAsideProps) {
  const { aside } = script.steps[demo.step];
  const Facts = ASIDES[aside];
  return (
    <aside className={styles.aside} aria-label={say(script.title)}>
      <header>
        <h1 translate="no">
          <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width="28" height="28" />
          Organscope
        </h1>
        <p className={styles.model}>{say(script.title)}</p>
      </header>
      <Notices app={app} />
      {demo.step >= script.runStep && <DemoLegend app={app} viewer={viewer} listed={script.listed} />}
      <Facts app={app} demo={demo} onDialog={onDialog} />
      <p className={styles.credit}>{say(script.credit)}</p>
    </aside>
  );
}

const MODEL: Readonly<Record<'null' | 'true' | 'false', Message>> = {
  null: message('demo-model-coming'),
  true: message('demo-model-kept'),
  false: message('demo-model-not-kept'),
};

/** Whether the presenter can go on, and could without a network. */
function Readiness({ app, demo, onDialog }: AsideProps) {
  return (
    <ul className={styles.facts}>
      <li>
        <RequestsBadge app={app} onDialog={onDialog} />
      </li>
      {demo.scan !== 'missing' && <li>{demo.scan === null ? t('demo-scan-reading') : t('demo-scan-read')}</li>}
      {demo.scan !== 'missing' && <li>{say(MODEL[`${demo.modelKept}`])}</li>}
    </ul>
  );
}

function ScanFacts({ app }: AsideProps) {
  const scan = useStore(app.state, shownScan);
  if (!scan) return null;
  return (
    <ul className={styles.facts}>
      <li>{t('demo-scan-size', { voxels: formatDims(scan.grid.dimsXyz) })}</li>
      <li translate="no">{formatSpacing(scan.grid.spacingXyz)}</li>
    </ul>
  );
}

/** What the run is doing, and how long it took until there was something to be seen. */
function RunFacts({ app, demo: { times } }: AsideProps) {
  const busy = useStore(app.state, ({ status }) => isBusy(status));
  const progress = useStore(app.state, (now) => now.progress);
  const runningOn = useStore(app.state, (now) => now.runningOn);
  const text = progress ? progressText(progress, runningOn?.provider) : t('starting');
  return (
    <div className={styles.run}>
      {busy && (
        <>
          <p data-testid="run-phase">{text}</p>
          <ProgressBar name={t('run-progress')} fraction={progress && progressFraction(progress)} />
        </>
      )}
      <dl data-testid="demo-times">
        {times.firstMasks !== null && <Fact name={t('demo-first-masks')} value={formatDuration(times.firstMasks)} />}
        {times.allMasks !== null && <Fact name={t('demo-all-masks')} value={formatDuration(times.allMasks)} />}
        {runningOn && <Fact name={t('demo-computed-on')} value={say(runningOn.adapter)} />}
      </dl>
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd translate="no">{value}</dd>
    </div>
  );
}

/** How good the model is, by its own card: the worst and the best of the scans that it was measured on. */
function Quality({ app }: AsideProps) {
  const manifest = useStore(app.state, (now) => chosenModel(now)?.manifest);
  if (!manifest) return null;
  const measured = manifest.evaluation
    .map(({ dice }) => meanDice(dice, manifest.labels))
    .filter((mean) => mean !== null)
    .sort((a, b) => a - b);
  if (measured.length === 0) return null;
  const ends = [...new Set([measured[0], measured[measured.length - 1]].map((mean) => mean.toFixed(2)))];
  return (
    <div className={styles.run}>
      <dl>
        <Fact name={t('demo-mean-dice')} value={ends.join(' – ')} />
      </dl>
    </div>
  );
}
