/** What model.json says about a model, for one that has no card. */
import type { ReactNode } from 'react';
import type { Manifest } from '../models/manifest';
import { meanDice } from '../models/quality';
import { formatBytes } from './format';
import { ScrollingTable } from './scrollingTable';

export function ModelFacts({ manifest }: { manifest: Manifest }) {
  const { labels, channels, weights, evaluation, trainingData, patchDhw } = manifest;
  const structures = labels.filter(({ id }) => id !== 0).map(({ name }) => name);
  return (
    <>
      <p>
        Model <code>{manifest.name}</code>, version {manifest.version}. Modality: {manifest.modality}. Input:{' '}
        {channels.map(({ name }) => name).join(', ')}.
      </p>
      <p>Structures: {structures.join(', ')}.</p>
      <p>
        Window {patchDhw.join(' × ')} voxels (D × H × W); {formatBytes(weights.bytes)} of weights, {weights.precision}.
      </p>
      <Section title="Use">
        <p>Intended: {manifest.intendedUse}</p>
        <p>Limits: {manifest.limitations}</p>
      </Section>
      <Section title="Quality">
        {evaluation.length > 0 ? <Measured manifest={manifest} /> : <p>Not measured yet.</p>}
      </Section>
      <Section title="Training data">
        {trainingData.length === 0 && <p>Not stated.</p>}
        <ul>
          {trainingData.map(({ name, license, source }) => (
            <li key={name}>
              {name}. {source}. Licence: {license}.
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Licence">
        <p>Weights: {manifest.license}</p>
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
  const row = (name: string, values: readonly (number | null | undefined)[]) => (
    <tr key={name}>
      <th scope="row">{name}</th>
      {values.map((value, at) => (
        <td key={evaluation[at].scan}>{value?.toFixed(3) ?? '–'}</td>
      ))}
    </tr>
  );
  return (
    <>
      <p>Dice, by scan.</p>
      <ScrollingTable>
        <thead>
          <tr>
            <th scope="col">structure</th>
            {evaluation.map(({ scan }) => (
              <th key={scan} scope="col">
                {scan}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name) =>
            row(
              name,
              evaluation.map(({ dice }) => dice[name]),
            ),
          )}
          {row(
            'mean of the structures',
            evaluation.map(({ dice }) => meanDice(dice, labels)),
          )}
        </tbody>
      </ScrollingTable>
      {commands.map((command) => (
        <pre key={command}>{command}</pre>
      ))}
    </>
  );
}
