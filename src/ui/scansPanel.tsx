/** Which open scan goes into which channel of the model, and which one is shown. Only where there is a choice. */
import { useStore } from 'zustand';
import { chosenModel } from '../models/entries';
import type { App } from '../state/app';
import { shownScan } from '../state/scans';
import { isBusy } from '../state/status';
import type { Scan, ScanId } from '../study/document';
import { OpenButton } from './fileOpening';

export function ScansPanel({ app }: { app: App }) {
  const scans = useStore(app.state, (now) => now.study.scans);
  const scan = useStore(app.state, shownScan);
  const assignment = useStore(app.state, (now) => now.assignment);
  const channels = useStore(app.state, (now) => chosenModel(now)?.manifest.channels);
  const busy = useStore(app.state, (now) => isBusy(now.status));
  if (!channels || (channels.length === 1 && scans.length === 1)) return null;
  const several = channels.length > 1;
  return (
    <section className="card scans" data-testid="scans">
      <h2>Scans</h2>
      {several && (
        <p className="muted">
          This model reads {channels.length} scans of one patient together. Check that each file is in its place.
        </p>
      )}
      <dl className="scan-channels">
        {channels.map(({ name }, channel) => {
          const chosen = assignment[channel] ?? null;
          return (
            <div key={name} data-missing={chosen === null || undefined}>
              <dt>
                <label htmlFor={`channel-${channel}`}>{several ? name : 'Segment'}</label>
              </dt>
              <dd>
                <ScanSelect
                  id={`channel-${channel}`}
                  scans={scans}
                  value={chosen}
                  optional={several}
                  disabled={busy}
                  onChange={(value) => app.assign(channel, value)}
                />
              </dd>
            </div>
          );
        })}
        {scans.length > 1 && (
          <div>
            <dt>
              <label htmlFor="shown-scan">Show</label>
            </dt>
            <dd>
              <ScanSelect
                id="shown-scan"
                scans={scans}
                value={scan?.id ?? null}
                optional={false}
                onChange={(value) => value !== null && app.showScan(value)}
              />
            </dd>
          </div>
        )}
      </dl>
      {several && (
        <OpenButton app={app} className="button button-small" mode="join" disabled={busy} testId="add-scans-input">
          Add scans…
        </OpenButton>
      )}
    </section>
  );
}

function ScanSelect({
  id,
  scans,
  value,
  optional,
  disabled,
  onChange,
}: {
  id: string;
  scans: readonly Scan[];
  value: ScanId | null;
  optional: boolean;
  disabled?: boolean;
  onChange: (value: ScanId | null) => void;
}) {
  return (
    <select
      id={id}
      value={value ?? ''}
      disabled={disabled}
      onChange={(event) => onChange(scans.find((scan) => scan.id === event.target.value)?.id ?? null)}
    >
      {(optional || value === null) && <option value="">Choose a scan…</option>}
      {scans.map(({ id: scan, name }) => (
        <option key={scan} value={scan}>
          {name}
        </option>
      ))}
    </select>
  );
}
