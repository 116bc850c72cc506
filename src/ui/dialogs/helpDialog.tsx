/** Keys and mouse, generated from the binding tables. */
import { type Message, message } from '../../core/messages';
import { say, t } from '../../locales/say';
import { POINTER_BINDINGS } from '../../viewer/tools/bindings';
import { KEY_BINDINGS } from '../../viewer/tools/keyBindings';
import { Dialog } from '../kit/dialog';
import { Muted } from '../kit/text';
import styles from './helpDialog.module.css';

export function HelpDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} title={t('keys-and-mouse')} onClose={onClose} className={styles.help}>
      <div className={styles.columns}>
        <section>
          <h3>{t('mouse-and-touch')}</h3>
          <List rows={POINTER_BINDINGS} />
          <Muted>{t('sides-explained')}</Muted>
        </section>
        <section>
          <h3>{t('keys')}</h3>
          <List rows={[...KEY_BINDINGS, { shown: '?', does: message('this-list') }]} />
          <Muted>{t('keys-explained')}</Muted>
        </section>
      </div>
    </Dialog>
  );
}

interface Row {
  /** What is printed on keys, or a name. */
  readonly shown: string | Message;
  readonly does: Message;
}

function List({ rows }: { rows: readonly Row[] }) {
  return (
    <dl>
      {rows.map(({ shown, does }) => (
        <div key={does.code}>
          <dt>{typeof shown === 'string' ? <kbd translate="no">{shown}</kbd> : <kbd>{say(shown)}</kbd>}</dt>
          <dd>{say(does)}</dd>
        </div>
      ))}
    </dl>
  );
}
