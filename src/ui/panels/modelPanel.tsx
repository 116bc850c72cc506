/** The chosen model in the side panel: what it is for, how good it is, and the ways to its card and to other models. */
import { useStore } from 'zustand';
import { t } from '../../locales/say';
import { chosenModel } from '../../models/entries';
import type { Manifest } from '../../models/manifest';
import type { App } from '../../state/app';
import { isBusy } from '../../state/status';
import { Button } from '../kit/button';
import { Muted } from '../kit/text';
import { FactsLine } from './factsLine';
import styles from './modelPanel.module.css';
import { ModelTags } from './modelTags';
import { Panel } from './panel';
import { qualityText, structureCount } from './quality';

interface ModelPanelProps {
  readonly app: App;
  readonly onModels: () => void;
  readonly onCard: (modelId: string) => void;
}

export function ModelPanel({ app, onModels, onCard }: ModelPanelProps) {
  const entry = useStore(app.state, chosenModel);
  const count = useStore(app.state, (now) => now.models.length);
  const busy = useStore(app.state, (now) => isBusy(now.status));
  const change = (
    <Button look="link" isDisabled={busy} onPress={onModels}>
      {count > 1 ? t('change-model', { count }) : t('models-more')}
    </Button>
  );
  return (
    <Panel title={t('model')} beside={change}>
      {entry ? (
        <>
          <Summary model={entry.manifest} />
          <Button look="link" onPress={() => onCard(entry.id)}>
            {t('open-card')}
          </Button>
        </>
      ) : (
        <Muted>{t('no-model-loaded')}</Muted>
      )}
    </Panel>
  );
}

function Summary({ model }: { model: Manifest }) {
  return (
    <>
      <p className={styles.title} translate="no">
        {model.title}
      </p>
      <FactsLine>
        <ModelTags manifest={model} />
        <span>{structureCount(model)}</span>
        <span>{t('model-version', { version: model.version })}</span>
      </FactsLine>
      <p className={styles.use} translate="no">
        {model.intendedUse || t('not-stated')}
      </p>
      <p className={styles.quality}>{qualityText(model)}</p>
    </>
  );
}
