/** The line under the panes: where the pointer (or else the crosshair) is and what is there. */
import { useStore } from 'zustand';
import type { LabelStyle } from '../../viewer/layers/labelColors';
import type { GreyWindow } from '../../viewer/layers/windowLevel';
import { canonicalToVoxel, canonicalToWorld } from '../../viewer/slice/sliceGeometry';
import type { Viewer } from '../../viewer/viewer';
import { readPlace } from '../../viewer/viewport/pointing';
import { formatIntensity, formatSigned, formatWorld } from '../../viewer/viewport/readout';
import { masksDrawn, orientationDoubt } from '../../viewer/viewport/viewState';

export function StatusBar({ viewer }: { viewer: Viewer }) {
  // All of the view: each part of it may change what lies under a pointer that rests.
  const view = useStore(viewer.state);
  const { scan, window, graphics } = view;
  const place = readPlace(view);
  if (!scan || !place) return null;
  const { of, at } = place;
  const probe = viewer.probe(at);
  const voxel = canonicalToVoxel(scan.grid, at);
  const range = scan.stats.max - scan.stats.min;
  return (
    <div className="status" data-testid="status">
      <span className="status-place">
        <span className="status-where">{of === 'pointer' ? 'Pointer' : 'Crosshair'}</span>
        <Field
          label="Position"
          value={`${formatWorld(canonicalToWorld(scan.grid, at))}${orientationDoubt(view) ? ' ?' : ''}`}
          className="status-mm"
        />
        <Field label="Voxel" value={voxel.join(', ')} className="status-voxel" title="As stored, counted from 0" />
      </span>
      <span className="status-what">
        <Field label="Value" value={probe ? formatIntensity(probe.intensity, range) : '–'} className="status-value" />
        {probe?.label && <StructureName label={probe.label} shown={probe.labelShown} masks={masksDrawn(view)} />}
        {graphics === 'uploading' && <span className="status-busy">Preparing the picture…</span>}
      </span>
      <span className="status-end">
        <Field label="W" value={formatWindow(window.width, window)} />
        <Field label="L" value={formatWindow(window.center, window)} />
      </span>
    </div>
  );
}

/** What is not drawn is not named either: it would read as if it were seen. */
function StructureName({ label, shown, masks }: { label: LabelStyle; shown: boolean; masks: boolean }) {
  const structure = label.id !== 0;
  const text = !masks ? 'masks hidden' : !structure ? 'no structure' : shown ? label.name : 'hidden structure';
  return (
    <span className="status-label" data-testid="status-label" title={text}>
      {structure && shown && (
        <span className="swatch" style={{ background: `rgb(${label.color.join(' ')})` }} aria-hidden="true" />
      )}
      <span className="status-name">{text}</span>
    </span>
  );
}

const formatWindow = (value: number, { width }: GreyWindow): string =>
  width < 1 ? formatIntensity(value, width) : formatSigned(value, width < 10 ? 2 : 0);

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly className?: string;
  readonly title?: string;
}

function Field({ label, value, className = '', title }: FieldProps) {
  return (
    <span className={`status-field ${className}`} title={title}>
      <span className="status-key">{label}</span> {value}
    </span>
  );
}
