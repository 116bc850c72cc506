/** For the hospital's IT department: docs/deployment.md, and the licences of everything in the build. */
import { lazy, Suspense } from 'react';
import { t } from '../../locales/say';
import { Dialog } from '../kit/dialog';
import { Notice } from '../kit/notice';
import { Muted } from '../kit/text';
import { Licenses } from './licenses';
import styles from './reading.module.css';
import { WhenBroken } from './whenBroken';

const DeploymentText = lazy(() => import('./deploymentText'));

export function ItDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog
      open={open}
      title={t('for-it')}
      stickyHead
      className={styles.reading}
      testId="it-department"
      onClose={onClose}
    >
      {open && (
        <>
          <WhenBroken instead={<Notice kind="warning">{t('it-text-unavailable')}</Notice>}>
            <Suspense fallback={<Muted>{t('loading-text')}</Muted>}>
              <div translate="no" className={styles.text}>
                <DeploymentText />
              </div>
            </Suspense>
          </WhenBroken>
          <Licenses />
        </>
      )}
    </Dialog>
  );
}
