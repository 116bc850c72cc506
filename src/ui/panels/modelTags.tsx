/** What every list and card says of a model first: modality, and whether to trust it. */
import { t } from '../../locales/say';
import type { Manifest } from '../../models/manifest';
import { classes } from '../kit/classes';
import styles from './modelTags.module.css';

export function ModelTags({ manifest: { modality, experimental } }: { manifest: Manifest }) {
  return (
    <>
      <span className={styles.tag} translate="no">
        {modality}
      </span>
      {experimental && <span className={classes(styles.tag, styles.warning)}>{t('experimental')}</span>}
    </>
  );
}
