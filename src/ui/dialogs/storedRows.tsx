/** What is stored here besides: the user's own models, settings, measurements, files handed over. */
import { useStore } from 'zustand';
import { message } from '../../core/messages';
import { say, t } from '../../locales/say';
import type { App } from '../../state/app';
import { formatBytes } from '../format';
import { Button } from '../kit/button';
import { DeleteModel } from './deleteModel';
import { ThingRow } from './thingRow';

const OTHERS = [
  { what: 'settings', name: message('settings-stored'), use: message('settings-stored-use') },
  { what: 'measurements', name: message('measurements-stored'), use: message('measurements-stored-use') },
  { what: 'shared', name: message('shared-stored'), use: message('shared-stored-use') },
] as const;

export function StoredRows({ app, isDisabled }: { readonly app: App; readonly isDisabled: boolean }) {
  const survey = useStore(app.state, (now) => now.survey);
  const models = useStore(app.state, (now) => now.models);
  if (!survey) return null;
  return (
    <ul>
      {models
        .filter(({ source }) => source === 'own')
        .map((entry) => (
          <ThingRow
            key={entry.id}
            name={entry.manifest.title}
            isData
            use={t('own-model')}
            state={t('thing-kept', { size: formatBytes(entry.kept?.storedBytes ?? 0) })}
            isHere
          >
            <DeleteModel app={app} entry={entry} busy={isDisabled} />
          </ThingRow>
        ))}
      {OTHERS.map(({ what, name, use }) => {
        const count = survey.counts[what];
        return (
          <ThingRow
            key={what}
            name={say(name)}
            use={say(use)}
            state={count === 0 ? t('nothing-stored') : t('entries-stored', { count })}
            isHere={count > 0}
          >
            {count > 0 && (
              <Button
                size="small"
                isDisabled={isDisabled}
                aria-label={t('delete-what-stored', { what: say(name) })}
                onPress={() => void app.deleteOther(what)}
              >
                {t('delete')}
              </Button>
            )}
          </ThingRow>
        );
      })}
    </ul>
  );
}
