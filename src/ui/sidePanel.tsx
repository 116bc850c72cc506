/** The right side of the page: model, run, structures, downloads. */
import type { App } from '../state/app';
import type { Viewer } from '../viewer/viewer';
import { Downloads } from './downloads';
import { Legend } from './legend';
import { ModelPanel } from './modelPanel';
import { Notices } from './notices';
import { RunPanel } from './runPanel';
import { ScansPanel } from './scansPanel';

interface SidePanelProps {
  readonly app: App;
  readonly viewer: Viewer;
  readonly onModels: () => void;
  readonly onCard: (modelId: string) => void;
}

export function SidePanel({ app, viewer, onModels, onCard }: SidePanelProps) {
  return (
    <aside className="side" aria-label="Segmentation">
      <Notices app={app} />
      <ModelPanel app={app} onModels={onModels} onCard={onCard} />
      <ScansPanel app={app} />
      <RunPanel app={app} />
      <Legend app={app} viewer={viewer} />
      <div className="side-foot">
        <Downloads app={app} />
        <p>Files never leave this computer. Not for clinical use.</p>
      </div>
    </aside>
  );
}
