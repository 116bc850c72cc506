/** What the page and its threads asked the network for since it was loaded, and how far that can be trusted. */
import { useStore } from 'zustand';
import { message } from '../../core/messages';
import { say, t } from '../../locales/say';
import type { App } from '../../state/app';
import { type Asked, countOf } from '../../state/requests';
import { formatBytes } from '../format';
import { Button } from '../kit/button';
import { Dialog } from '../kit/dialog';
import { Muted } from '../kit/text';
import type { DialogName } from '../menu/entries';
import styles from './privacyDialog.module.css';

interface PrivacyDialogProps {
  readonly app: App;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onDialog: (name: DialogName) => void;
}

const THREADS = [
  { thread: 'page', name: message('by-page') },
  { thread: 'worker', name: message('by-worker') },
  { thread: 'service-worker', name: message('by-service-worker') },
] as const;

export function PrivacyDialog({ app, open, onClose, onDialog }: PrivacyDialogProps) {
  const { beyond, blocked, own, missed } = useStore(app.state, (now) => now.requests);
  const { origin } = globalThis;
  return (
    <Dialog open={open} title={t('requests')} onClose={onClose} className={styles.privacy} testId="privacy">
      {beyond.length > 0 ? (
        <p className={styles.alarm}>
          <strong>{t('requests-some', { count: countOf(beyond) })}</strong>
        </p>
      ) : (
        missed === 0 && (
          <p>
            <strong>{t('requests-none')}</strong>
          </p>
        )
      )}
      <Addresses of={beyond} testId="requests-beyond" />
      {missed > 0 && <p className={styles.alarm}>{t('requests-missed', { count: missed })}</p>}
      <p>{t('requests-blocked', { count: countOf(blocked) })}</p>
      <Addresses of={blocked} testId="requests-blocked" />
      <table>
        <caption>{t('requests-own', { origin })}</caption>
        <thead>
          <tr>
            <th scope="col">{t('requests-thread')}</th>
            <th scope="col">{t('requests-number')}</th>
            <th scope="col">{t('requests-bytes')}</th>
          </tr>
        </thead>
        <tbody>
          {THREADS.map(({ thread, name }) => (
            <tr key={thread}>
              <th scope="row">{say(name)}</th>
              <td>{own[thread].count}</td>
              <td translate="no">{formatBytes(own[thread].bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>{t('what-counts')}</h3>
      <Muted>{t('what-counts-explained', { origin })}</Muted>
      <h3>{t('what-is-not-seen')}</h3>
      <Muted>{t('what-is-not-seen-explained')}</Muted>
      <Button look="link" onPress={() => onDialog('it')}>
        {t('for-it')}
      </Button>
    </Dialog>
  );
}

function Addresses({ of, testId }: { of: readonly Asked[]; testId: string }) {
  if (of.length === 0) return null;
  return (
    <ul className={styles.addresses} data-testid={testId} translate="no">
      {of.map(({ address, count }) => (
        <li key={address}>{count > 1 ? `${address} (${count})` : address}</li>
      ))}
    </ul>
  );
}
