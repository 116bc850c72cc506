/** What the presenter tells the audience, and the keys that lead on. */
import { useStore } from 'zustand';
import { say, t } from '../../locales/say';
import type { App } from '../../state/app';
import type { RunningDemo } from '../../state/demo';
import type { DemoScript } from '../../state/demoScripts';
import { Button } from '../kit/button';
import { HiddenText } from '../kit/text';
import { DEMO_KEYS, type DemoKey } from './demoKeys';
import styles from './demoPage.module.css';

interface DemoCaptionProps {
  readonly app: App;
  readonly demo: RunningDemo;
  readonly script: DemoScript;
}

export function DemoCaption({ app, demo, script }: DemoCaptionProps) {
  const { title, text } = script.steps[demo.step];
  const last = script.steps.length - 1;
  const trouble = useTrouble(app, demo);
  const off: Readonly<Partial<Record<keyof typeof DEMO_KEYS, boolean>>> = {
    back: demo.step === 0,
    next: demo.step === last,
  };
  return (
    <section className={styles.caption} aria-label={t('demo-region')} data-testid="demo-caption">
      <div className={styles.said} aria-live="polite" aria-atomic="true">
        <h2>
          <span className={styles.counter} aria-hidden="true" translate="no">
            {demo.step + 1}/{last + 1}
          </span>
          <HiddenText>{t('demo-step', { step: demo.step + 1, steps: last + 1 })}</HiddenText>
          {say(title)}
        </h2>
        <p className={styles.text}>{say(text)}</p>
      </div>
      <p className={styles.trouble} role="status">
        {trouble}
      </p>
      <div className={styles.keys}>
        {(Object.entries(DEMO_KEYS) as [keyof typeof DEMO_KEYS, DemoKey][]).map(([name, { shown, does, run }]) => (
          <Button key={name} look="bare" className={styles.key} isDisabled={off[name]} onPress={() => run(app)}>
            <span className={styles.cap} aria-hidden="true" translate="no">
              {shown}
            </span>
            {say(does)}
          </Button>
        ))}
      </div>
    </section>
  );
}

/** What has gone wrong, and how to go on; '' as long as nothing has. */
function useTrouble(app: App, { scan, begunAnew }: RunningDemo): string {
  const failed = useStore(app.state, ({ status }) => status === 'failed');
  const adapter = useStore(app.state, ({ runningOn }) => runningOn?.adapter);
  if (scan === 'missing') return t('demo-scan-missing');
  if (failed) return t('demo-run-failed');
  return begunAnew && adapter ? t('demo-begun-anew', { adapter }) : '';
}
