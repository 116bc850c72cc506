/** Averaging over mirrored windows, where the model allows it, with what it costs. */
import { useStore } from 'zustand';
import { plannedRuns } from '../../inference/schemes/plannedRuns';
import { t } from '../../locales/say';
import { chosenModel } from '../../models/entries';
import { mirroringOf } from '../../models/mirroring';
import type { App } from '../../state/app';
import { shownScan } from '../../state/scans';
import { Checkbox } from '../kit/checkbox';
import { MutedSpan } from '../kit/text';
import { mirroringCost } from '../progress';

export function MirrorChoice({ app }: { app: App }) {
  const model = useStore(app.state, (now) => chosenModel(now)?.manifest);
  const chosen = useStore(app.state, (now) => now.mirror);
  const scan = useStore(app.state, (now) => shownScan(now)?.grid ?? null);
  const mirroring = model && mirroringOf(model);
  if (!mirroring) return null;
  return (
    <Checkbox checked={chosen ?? mirroring.byDefault} onChange={(mirror) => app.selectMirror(mirror)}>
      {t('mirror')} <MutedSpan>{mirroringCost(mirroring.passes, scan && plannedRuns(scan, model).windows)}</MutedSpan>
    </Checkbox>
  );
}
