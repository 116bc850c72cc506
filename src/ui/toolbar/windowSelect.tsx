/** The grey-value window: automatic, by hand, or one of the usual ones of CT. */
import { useStore } from 'zustand';
import { message } from '../../core/messages';
import { say, t } from '../../locales/say';
import { CT_PRESETS } from '../../viewer/layers/windowPresets';
import type { Viewer } from '../../viewer/viewer';
import { shownScan, shownScanLayer } from '../../viewer/viewport/viewState';
import { Select } from '../kit/select';

const CT_GROUP = {
  CT: message('ct-windows'),
  unknown: message('ct-windows-perhaps'),
  MR: message('ct-windows-unlikely'),
};

const MANUAL = 'manual';
const NO_SCAN = { preset: 'auto' };

export function WindowSelect({ viewer }: { viewer: Viewer }) {
  const preset = useStore(viewer.state, (view) => (shownScanLayer(view)?.style ?? NO_SCAN).preset);
  const looksLike = useStore(viewer.state, (view) => shownScan(view)?.stats.looksLike ?? 'unknown');
  const byHand = preset === null ? [{ value: MANUAL, title: t('by-hand') }] : [];
  return (
    <Select<string>
      label={t('window-preset')}
      options={[{ value: 'auto', title: t('automatic') }, ...byHand]}
      group={{
        title: say(CT_GROUP[looksLike]),
        options: CT_PRESETS.map(({ id, title }) => ({ value: id, title: say(title) })),
      }}
      value={preset ?? MANUAL}
      onChange={(id) => id !== MANUAL && viewer.dispatch({ kind: 'preset', id })}
    />
  );
}
