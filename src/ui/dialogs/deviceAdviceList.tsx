/** What would help on this computer, and by which settings of each browser. */
import { type Message, message } from '../../core/messages';
import type { DeviceReport } from '../../inference/protocol';
import { say, t } from '../../locales/say';
import { deviceAdvice } from '../../state/deviceAdvice';
import { Muted } from '../kit/text';
import styles from './deviceDialog.module.css';

interface Place {
  readonly name: Message;
  readonly look: Message;
  /** As the browser calls itself. */
  readonly brand?: string;
}

const BROWSERS: readonly Place[] = [
  { name: message('browser-chrome'), look: message('look-chrome'), brand: 'Google Chrome' },
  { name: message('browser-edge'), look: message('look-edge'), brand: 'Microsoft Edge' },
  { name: message('browser-firefox'), look: message('look-firefox') },
  { name: message('browser-safari'), look: message('look-safari') },
];
const SYSTEMS: readonly Place[] = [
  { name: message('browser-windows'), look: message('look-windows') },
  { name: message('browser-linux'), look: message('look-linux') },
];

type Brands = readonly { readonly brand: string }[];

/** The likely browser first: an order of rows, nothing else depends on it. Firefox and Safari do not name themselves so. */
function ordered(brands: Brands | undefined): readonly Place[] {
  const isLikely = ({ brand }: Place) => (brands ? brands.some((one) => one.brand === brand) : brand === undefined);
  return [...BROWSERS].sort((a, b) => Number(isLikely(b)) - Number(isLikely(a)));
}

export function DeviceAdviceList({ device }: { device: DeviceReport }) {
  const advice = deviceAdvice(device);
  const { userAgentData } = navigator as Navigator & { userAgentData?: { brands: Brands } };
  return (
    <section data-testid="advice">
      <h3>{t('advice')}</h3>
      {advice.length === 0 ? (
        <Muted>{t('advice-none')}</Muted>
      ) : (
        <ul className={styles.advice}>
          {advice.map(({ text }) => (
            <li key={text.code}>{say(text)}</li>
          ))}
        </ul>
      )}
      {advice.some(({ isAboutGraphics }) => isAboutGraphics) && (
        <table className={styles.places}>
          <caption>{t('where-to-look')}</caption>
          <tbody>
            {[...ordered(userAgentData?.brands), ...SYSTEMS].map(({ name, look }) => (
              <tr key={name.code}>
                <th scope="row">{say(name)}</th>
                <td>{say(look)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
