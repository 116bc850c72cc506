/** Whether each model's network computes on this computer what it should. */
import { useStore } from 'zustand';
import { t } from '../../locales/say';
import type { App } from '../../state/app';
import { selfTestText } from '../deviceWords';
import { Button } from '../kit/button';
import { Muted } from '../kit/text';

export function SelfTests({ app }: { app: App }) {
  const models = useStore(app.state, (now) => now.models);
  const answers = useStore(app.state, (now) => now.selfTests);
  const work = useStore(app.state, (now) => now.deviceWork);
  return (
    <section data-testid="self-tests">
      <h3>{t('self-tests')}</h3>
      <Muted>{t('self-tests-explained')}</Muted>
      <table>
        <tbody>
          {models.map(({ id, manifest: { title } }) => {
            const isTested = work?.kind === 'test' && work.modelId === id;
            return (
              <tr key={id}>
                <th scope="row" translate="no">
                  {title}
                </th>
                <td>{isTested ? t('testing') : selfTestText(answers[id])}</td>
                <td>
                  {isTested ? (
                    <Button size="small" onPress={() => app.stopDeviceWork()}>
                      {t('cancel')}
                    </Button>
                  ) : (
                    <Button
                      size="small"
                      aria-label={t('test-run-of', { model: title })}
                      isDisabled={work !== null}
                      onPress={() => void app.testModel(id)}
                    >
                      {t('test-run')}
                    </Button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
