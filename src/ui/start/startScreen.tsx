/** What a visitor sees first. */
import { useStore } from 'zustand';
import { t } from '../../locales/say';
import type { App } from '../../state/app';
import { Button } from '../kit/button';
import type { DialogName } from '../menu/entries';
import { PageMenu } from '../menu/pageMenu';
import { Notices } from '../notices/notices';
import { OpenButton } from '../opening/openButton';
import { RequestsBadge } from '../privacy/requestsBadge';
import styles from './startScreen.module.css';

export function StartScreen({ app, onDialog }: { app: App; onDialog: (name: DialogName) => void }) {
  const readingText = useStore(app.state, ({ readingName }) => readingName && t('reading', { name: readingName }));
  const models = useStore(app.state, (now) => now.models);
  const reading = readingText !== null;
  const titles = models
    .map(({ manifest: { title, experimental } }) => (experimental ? t('experimental-title', { title }) : title))
    .join(', ');
  return (
    <main className={styles.start}>
      <PageMenu app={app} onDialog={onDialog} className={styles.menu} />
      <div className={styles.column}>
        <h1 translate="no">
          <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width="40" height="40" />
          Organscope
        </h1>
        <p className={styles.what}>{t('what-it-does')}</p>
        <div className={styles.drop} data-busy={reading || undefined}>
          <p className={styles.dropTitle} role="status">
            {readingText ?? t('drop-here')}
          </p>
          <p className={styles.dropHint}>{t('drop-what')}</p>
          <OpenButton app={app} look="primary" size="large" isDisabled={reading}>
            {t('open-file')}
          </OpenButton>
        </div>
        <Button look="bare" className={styles.demo} isDisabled={reading} onPress={() => void app.openDemo()}>
          <span className={styles.demoTitle}>{t('try-sample')}</span>
          <span className={styles.demoHint}>{t('try-sample-what')}</span>
        </Button>
        <p className={styles.hall}>
          {t('demo-for-hall')}{' '}
          <Button look="link" isDisabled={reading} onPress={() => void app.startDemo('brain')}>
            {t('demo-brain')}
          </Button>
          {' · '}
          <Button look="link" isDisabled={reading} onPress={() => void app.startDemo('abdomen')}>
            {t('demo-abdomen')}
          </Button>
        </p>
        <Notices app={app} />
        <p className={styles.promise}>
          <strong>{t('never-leaves')}</strong> {t('never-leaves-how')} <RequestsBadge app={app} onDialog={onDialog} />
        </p>
        <p className={styles.promise}>
          {models.length > 0 ? t('models-at-hand', { count: models.length, titles }) : t('no-models-at-hand')}{' '}
          <Button look="link" onPress={() => onDialog('models')}>
            {t('choose-models')}
          </Button>
        </p>
        <p className={styles.promise}>{t('not-clinical')}</p>
      </div>
    </main>
  );
}
