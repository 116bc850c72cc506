/** What model.json says about a model, for one that has no card. */
import type { ReactNode } from 'react';
import { t } from '../../locales/say';
import type { Manifest } from '../../models/manifest';
import { meanDice } from '../../models/quality';
import { formatBytes, formatDims } from '../format';
import { ScrollingTable } from '../kit/scrollingTable';
import { Sentence } from '../kit/sentence';

export function ManifestCard({ manifest }: { manifest: Manifest }) {
  const { name, version, modality, license, labels, channels, weights, evaluation, trainingData } = manifest;
  const structures = labels.filter(({ id }) => id !== 0).map((label) => label.name);
  return (
    <>
      <p>
        <Sentence
          said={(place) =>
            t('model-identity', {
              name: place,
              version,
              modality,
              channels: channels.map((channel) => channel.name).join(', '),
            })
          }
          element={<code translate="no">{name}</code>}
        />
      </p>
      <p>{t('model-structures', { structures: structures.join(', ') })}</p>
      <p>
        {t('model-window', {
          size: formatDims(manifest.patchDhw),
          bytes: formatBytes(weights.bytes),
          precision: weights.precision,
        })}
      </p>
      <Section title={t('use')}>
        <p>{t('intended', { use: manifest.intendedUse || t('not-stated') })}</p>
        <p>{t('limits', { limits: manifest.limitations || t('not-stated') })}</p>
      </Section>
      <Section title={t('quality')}>
        {evaluation.length > 0 ? <Measured manifest={manifest} /> : <p>{t('not-measured-yet')}</p>}
      </Section>
      <Section title={t('training-data')}>
        {trainingData.length === 0 && <p>{t('not-stated')}</p>}
        <ul>
          {trainingData.map(({ name: set, license: licence, source }) => (
            <li key={set}>{t('training-set', { name: set, source, licence })}</li>
          ))}
        </ul>
      </Section>
      <Section title={t('licence')}>
        <p>{t('weights-licence', { licence: license })}</p>
      </Section>
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <h3>{title}</h3>
      {children}
    </>
  );
}

/** Dice, one column per scan, and the commands that print it. */
function Measured({ manifest: { evaluation, labels } }: { manifest: Manifest }) {
  const names = [...new Set(evaluation.flatMap(({ dice }) => Object.keys(dice)))];
  const commands = [...new Set(evaluation.map(({ command }) => command))];
  const row = (head: ReactNode, key: string, values: readonly (number | null | undefined)[]) => (
    <tr key={key}>
      <th scope="row">{head}</th>
      {values.map((value, at) => (
        <td key={evaluation[at].scan}>{value?.toFixed(3) ?? '–'}</td>
      ))}
    </tr>
  );
  return (
    <>
      <p>{t('dice-by-scan')}</p>
      <ScrollingTable>
        <thead>
          <tr>
            <th scope="col">{t('structure')}</th>
            {evaluation.map(({ scan }) => (
              <th key={scan} scope="col" translate="no">
                {scan}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name) =>
            row(
              <span translate="no">{name}</span>,
              name,
              evaluation.map(({ dice }) => dice[name]),
            ),
          )}
          {row(
            t('mean-of-structures'),
            '',
            evaluation.map(({ dice }) => meanDice(dice, labels)),
          )}
        </tbody>
      </ScrollingTable>
      {commands.map((command) => (
        <pre key={command} translate="no">
          {command}
        </pre>
      ))}
    </>
  );
}
