/** Which side of the patient is on the left of a picture. */
import { useStore } from 'zustand';
import { t } from '../../locales/say';
import type { Convention } from '../../viewer/geometry/planes';
import type { Viewer } from '../../viewer/viewer';
import { Select } from '../kit/select';

export function ConventionSelect({ viewer }: { viewer: Viewer }) {
  const convention = useStore(viewer.state, (view) => view.convention);
  return (
    <Select<Convention>
      label={t('sides')}
      tooltip={t('sides-tooltip')}
      options={[
        { value: 'radiological', title: t('radiological') },
        { value: 'neurological', title: t('neurological') },
      ]}
      value={convention}
      onChange={(chosen) => viewer.dispatch({ kind: 'convention', convention: chosen })}
    />
  );
}
