/** The line under the panes: where the pointer (or else the crosshair) is and what is there. */
import { useStore } from 'zustand';
import { formatIntensity, formatSigned, formatWorld } from './readout';
import { canonicalToVoxel, canonicalToWorld } from './sliceGeometry';
import type { SliceViewer } from './sliceViewer';
import { clampToScan } from './viewState';

export function StatusBar({ viewer }: { viewer: SliceViewer }) {
  const scan = useStore(viewer.state, (view) => view.scan);
  const cursor = useStore(viewer.state, (view) => view.cursor);
  const crosshair = useStore(viewer.state, (view) => view.crosshair);
  const window = useStore(viewer.state, (view) => view.window);
  const graphics = useStore(viewer.state, (view) => view.graphics);
  // Masks arrive without the pointer moving, and part by part in one volume.
  useStore(viewer.state, (view) => view.labelRevision);
  if (!scan) return null;
  const overScan = cursor && viewer.probe(cursor) ? cursor : null;
  const at = clampToScan(scan.grid, overScan ?? crosshair);
  const probe = viewer.probe(at);
  const voxel = canonicalToVoxel(scan.grid, at);
  const range = scan.stats.max - scan.stats.min;
  return (
    <div className="status" data-testid="status">
      <span className="status-where">{overScan ? 'Pointer' : 'Crosshair'}</span>
      <Field label="Position" value={formatWorld(canonicalToWorld(scan.grid, at))} className="status-mm" />
      <Field label="Voxel" value={voxel.join(', ')} className="status-voxel" />
      <Field label="Value" value={probe ? formatIntensity(probe.intensity, range) : '–'} className="status-value" />
      {probe?.label && (
        <span className="status-label" data-testid="status-label">
          {probe.label.id !== 0 && (
            <span className="swatch" style={{ background: `rgb(${probe.label.color.join(' ')})` }} aria-hidden="true" />
          )}
          {probe.label.id === 0 ? 'no structure' : probe.label.name}
        </span>
      )}
      <span className="status-end">
        {graphics === 'uploading' && <span>Preparing the picture…</span>}
        <Field label="W" value={formatSigned(window.width, window.width < 10 ? 2 : 0)} />
        <Field label="L" value={formatSigned(window.center, window.width < 10 ? 2 : 0)} />
      </span>
    </div>
  );
}

function Field({ label, value, className = '' }: { label: string; value: string; className?: string }) {
  return (
    <span className={`status-field ${className}`}>
      <span className="status-key">{label}</span> {value}
    </span>
  );
}
