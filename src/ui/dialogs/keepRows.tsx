/** The things that can be kept for use without a network, one in a row. */
import { useStore } from 'zustand';
import { message } from '../../core/messages';
import type { RuntimePart } from '../../core/runtimeFile';
import { say, t } from '../../locales/say';
import type { App } from '../../state/app';
import { type Amount, isWhole, type Keepable, keepables, PART_NAMES } from '../../state/keeping';
import { formatBytes } from '../format';
import { Button } from '../kit/button';
import { ThingRow } from './thingRow';

/** What files of the page are for. */
const PART_USES = {
  'compute-cpu': message('part-compute-cpu-use'),
  'compute-gpu': message('part-compute-gpu-use'),
  samples: message('part-samples-use'),
};

export function KeepRows({ app, isDisabled }: { readonly app: App; readonly isDisabled: boolean }) {
  const survey = useStore(app.state, (now) => now.survey);
  const models = useStore(app.state, (now) => now.models);
  if (!survey) return null;
  return (
    <ul>
      <ThingRow
        name={t('the-page-itself')}
        use={survey.app ? t('the-page-itself-use') : t('the-page-not-kept')}
        state={survey.app ? t('thing-kept', { size: formatBytes(survey.app.bytes) }) : t('thing-not-kept')}
        isHere={survey.app !== null}
      />
      {keepables({ survey, models }).map((one) => (
        <KeepRow key={one.id} app={app} one={one} isDisabled={isDisabled} />
      ))}
    </ul>
  );
}

function KeepRow({
  app,
  one,
  isDisabled,
}: {
  readonly app: App;
  readonly one: Keepable;
  readonly isDisabled: boolean;
}) {
  const isBeingKept = useStore(app.state, ({ keeping }) => keeping?.id === one.id);
  const part = one.id as RuntimePart;
  const name = one.model ? one.model.manifest.title : say(PART_NAMES[part]);
  const whole = isWhole(one);
  const resume = one.keptBytes > 0;
  return (
    <ThingRow
      name={name}
      isData={one.model !== null}
      use={one.model ? t('a-model') : say(PART_USES[part])}
      state={isBeingKept ? t('being-kept') : amountText(one)}
      isHere={whole}
    >
      {!whole && (
        <Button
          size="small"
          isDisabled={isDisabled}
          aria-label={resume ? t('resume-what', { what: name }) : t('keep-what', { what: name })}
          onPress={() => void app.keepForOffline([one.id])}
        >
          {resume ? t('resume') : t('keep')}
        </Button>
      )}
      {resume && (
        <Button
          size="small"
          isDisabled={isDisabled}
          aria-label={t('remove-what', { what: name })}
          onPress={() => void app.removeKept(one.id)}
        >
          {t('remove')}
        </Button>
      )}
    </ThingRow>
  );
}

function amountText(one: Amount): string {
  const size = formatBytes(one.bytes);
  if (isWhole(one)) return t('thing-kept', { size });
  return one.keptBytes > 0
    ? t('kept-partly', { kept: formatBytes(one.keptBytes), size })
    : t('not-kept-size', { size });
}
