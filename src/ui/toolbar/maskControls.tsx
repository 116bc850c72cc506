/** How masks are drawn over the scan. */
import { useStore } from 'zustand';
import { message } from '../../core/messages';
import { say, t } from '../../locales/say';
import { OVERLAY_MODES } from '../../viewer/layers/layer';
import type { Viewer } from '../../viewer/viewer';
import { masksMode, masksOpacity, topLabelLayer } from '../../viewer/viewport/viewState';
import { Segments } from '../kit/segments';
import { Slider } from '../kit/slider';
import styles from './maskControls.module.css';

const MODES = { fill: message('fill'), outline: message('outline'), both: message('both') };

export function MaskControls({ viewer }: { viewer: Viewer }) {
  const hasLabels = useStore(viewer.state, (view) => topLabelLayer(view) !== null);
  const mode = useStore(viewer.state, masksMode);
  const opacity = useStore(viewer.state, masksOpacity);
  const percent = Math.round(opacity * 100);
  return (
    <fieldset className={styles.masks} disabled={!hasLabels}>
      <legend>{t('masks')}</legend>
      <Segments
        options={OVERLAY_MODES.map((value) => ({ value, title: say(MODES[value]) }))}
        value={mode}
        onChange={(chosen) => viewer.dispatch({ kind: 'overlay', mode: chosen })}
      />
      <Slider
        name={t('mask-opacity')}
        className={styles.slider}
        min={0}
        max={100}
        step={5}
        value={percent}
        disabled={!hasLabels}
        onChange={(value) => viewer.dispatch({ kind: 'opacity', value: value / 100 })}
      />
      <span className={styles.percent}>{percent} %</span>
    </fieldset>
  );
}
