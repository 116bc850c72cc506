/** What the model is, what it was measured to do, and what it cannot do. */
import { useStore } from 'zustand';
import type { Manifest } from '../inference/model/manifest';
import { isBusy } from '../state/appState';
import type { App } from '../state/store';

/** Mean Dice over the labels that the scan has; null when none was measured. */
export function meanDice(dice: Readonly<Record<string, number | null>>): number | null {
  const measured = Object.values(dice).filter((value) => value !== null);
  return measured.length === 0 ? null : measured.reduce((sum, value) => sum + value, 0) / measured.length;
}

export function ModelCard({ app }: { app: App }) {
  const models = useStore(app.state, (now) => now.models);
  const modelName = useStore(app.state, (now) => now.modelName);
  const busy = useStore(app.state, (now) => isBusy(now.status));
  const model = models.find(({ name }) => name === modelName);
  if (!model) {
    return (
      <section className="card">
        <h2>Model</h2>
        <p className="muted">No model is loaded. Scans can be viewed, not segmented.</p>
      </section>
    );
  }
  return (
    <section className="card">
      <h2>Model</h2>
      {models.length > 1 ? (
        <select
          className="model-select"
          aria-label="Model"
          value={model.name}
          disabled={busy}
          onChange={(event) => app.selectModel(event.target.value)}
        >
          {models.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      ) : (
        <p className="model-title">{model.title}</p>
      )}
      <p className="model-facts">
        <span className="tag">{model.modality}</span>
        <span>{model.labels.length - 1} structures</span>
        <span>version {model.version}</span>
      </p>
      <p className="model-use">{model.intendedUse}</p>
      <Details model={model} />
    </section>
  );
}

function Details({ model }: { model: Manifest }) {
  return (
    <details className="model-details">
      <summary>Quality and limits</summary>
      <h3>Measured</h3>
      {model.evaluation.length === 0 && <p>Not measured yet.</p>}
      {model.evaluation.map(({ scan, dice }) => {
        const mean = meanDice(dice);
        return (
          <table key={scan} className="dice">
            <caption>
              {scan}
              {mean !== null && <> · mean Dice {mean.toFixed(2)}</>}
            </caption>
            <tbody>
              {Object.entries(dice).map(([name, value]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{value === null ? 'not in the scan' : value.toFixed(2)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        );
      })}
      <h3>Limits</h3>
      <p>{model.limitations}</p>
      <h3>Trained on</h3>
      <ul>
        {model.trainingData.map(({ name, license, source }) => (
          <li key={name}>
            {name}; {source}, {license}
          </li>
        ))}
      </ul>
      <p className="muted">Weights: {model.license}</p>
    </details>
  );
}
