/** Says that the sides of the patient are in doubt, until the user says that they are right. */
import { useStore } from 'zustand';
import { type Message, message } from '../../core/messages';
import { say, t } from '../../locales/say';
import type { Viewer } from '../../viewer/viewer';
import { orientationDoubt } from '../../viewer/viewport/viewState';
import type { OrientationDoubt } from '../../volume/volume';
import { Button } from '../kit/button';

const TEXT: Readonly<Record<OrientationDoubt, Message>> = {
  unknown: message('sides-unknown'),
  disputed: message('sides-disputed'),
};

export function OrientationNotice({ viewer }: { viewer: Viewer }) {
  const doubt = useStore(viewer.state, orientationDoubt);
  if (!doubt) return null;
  return (
    <div className="orientation-notice" role="status">
      <span>{say(TEXT[doubt])}</span>
      <Button size="small" onPress={() => viewer.dispatch({ kind: 'confirm-orientation' })}>
        {t('sides-are-right')}
      </Button>
    </div>
  );
}
