/** Says that the sides of the patient are in doubt, until the user says that they are right. */
import { useStore } from 'zustand';
import type { Viewer } from '../../viewer/viewer';
import { orientationDoubt } from '../../viewer/viewport/viewState';
import type { OrientationDoubt } from '../../volume/volume';

const TEXT: Readonly<Record<OrientationDoubt, string>> = {
  unknown: 'This file does not say how the patient lies: the letters are a guess.',
  disputed: 'This file says two things about how the patient lies: the letters may be wrong.',
};

export function OrientationNotice({ viewer }: { viewer: Viewer }) {
  const doubt = useStore(viewer.state, orientationDoubt);
  if (!doubt) return null;
  return (
    <div className="orientation-notice" role="status">
      <span>{TEXT[doubt]} Compare with what you know of the patient.</span>
      <button
        type="button"
        className="button button-small"
        onClick={() => viewer.dispatch({ kind: 'confirm-orientation' })}
      >
        Orientation is correct
      </button>
    </div>
  );
}
