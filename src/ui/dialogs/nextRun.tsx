/** What the next run would take, and how far off the last prediction was. */
import { useStore } from 'zustand';
import type { RunPlan } from '../../inference/protocol';
import { t } from '../../locales/say';
import { chosenModel } from '../../models/entries';
import type { App } from '../../state/app';
import { shownLabels } from '../../state/results';
import { expectedText, planText } from '../deviceWords';
import { Muted } from '../kit/text';
import { Fact } from './deviceFacts';

export function NextRun({ app }: { app: App }) {
  const plan = useStore(app.state, (now) => now.plan);
  const title = useStore(app.state, (now) => chosenModel(now)?.manifest.title ?? '');
  const madeFrom = useStore(app.state, (now) => shownLabels(now)?.madeFrom);
  const expected = madeFrom?.kind === 'model' ? madeFrom.run.expected : null;
  return (
    <section data-testid="next-run">
      <h3>{t('next-run')}</h3>
      {plan ? (
        <>
          <p>{planText(plan) ?? t('next-run-unknown', { model: title })}</p>
          <Muted>{[title, windowsText(plan), basisText(plan)].filter(Boolean).join(', ')}</Muted>
        </>
      ) : (
        <Muted>{t('next-run-none')}</Muted>
      )}
      {expected && (
        <dl>
          <Fact name={t('last-run')}>{t('without-download', { text: expectedText(expected) })}</Fact>
        </dl>
      )}
    </section>
  );
}

const windowsText = ({ windows: { least, most } }: RunPlan): string =>
  least === most ? t('run-windows', { count: least }) : t('run-windows-between', { least, most });

function basisText({ prediction }: RunPlan): string {
  if (!prediction) return '';
  return prediction.basis === 'earlier-runs' ? t('basis-runs', { count: prediction.runs }) : t('basis-speed');
}
