/** The line under the panes: where the pointer (or else the crosshair) is and what is there. */
import { useStore } from 'zustand';
import { t } from '../../locales/say';
import type { LabelDefinition } from '../../study/document';
import { canonicalToVoxel, canonicalToWorld } from '../../viewer/geometry/sliceGeometry';
import type { GreyWindow } from '../../viewer/layers/greyWindow';
import type { Viewer } from '../../viewer/viewer';
import { readPlace } from '../../viewer/viewport/pointing';
import { formatIntensity, formatSigned, formatWorld } from '../../viewer/viewport/readout';
import { masksDrawn, orientationDoubt, shownScan, shownScanLayer } from '../../viewer/viewport/viewState';
import { Swatch } from '../kit/swatch';

export function StatusBar({ viewer }: { viewer: Viewer }) {
  // All of the view: each part of it may change what lies under a pointer that rests.
  const view = useStore(viewer.state);
  const scan = shownScan(view);
  const layer = shownScanLayer(view);
  const place = readPlace(view);
  if (!scan || !layer || !place) return null;
  const { window } = layer.style;
  const { of, at } = place;
  const probe = viewer.probe(at);
  const voxel = canonicalToVoxel(scan.grid, at);
  const range = scan.stats.max - scan.stats.min;
  return (
    <div className="status" data-testid="status">
      <span className="status-place">
        <span className="status-where">{t(of === 'pointer' ? 'status-pointer' : 'status-crosshair')}</span>
        <Field
          label={t('status-position')}
          value={`${formatWorld(canonicalToWorld(scan.grid, at))}${orientationDoubt(view) ? ' ?' : ''}`}
          className="status-mm"
        />
        <Field
          label={t('status-voxel')}
          value={voxel.join(', ')}
          className="status-voxel"
          title={t('status-voxel-explained')}
        />
      </span>
      <span className="status-what">
        <Field
          label={t('status-value')}
          value={probe ? formatIntensity(probe.intensity, range) : '–'}
          className="status-value"
        />
        {probe?.label && <StructureName label={probe.label} shown={probe.labelShown} masks={masksDrawn(view)} />}
        {view.graphics === 'uploading' && <span className="status-busy">{t('preparing-picture')}</span>}
      </span>
      <span className="status-end">
        <Field label={t('status-width')} value={formatWindow(window.width, window)} />
        <Field label={t('status-level')} value={formatWindow(window.center, window)} />
      </span>
    </div>
  );
}

/** What is not drawn is not named either: it would read as if it were seen. */
function StructureName({ label, shown, masks }: { label: LabelDefinition; shown: boolean; masks: boolean }) {
  const structure = label.id !== 0;
  const named = masks && structure && shown;
  const text = named ? label.name : t(!masks ? 'masks-hidden' : structure ? 'hidden-structure' : 'no-structure');
  return (
    <span className="status-label" data-testid="status-label" title={text} translate={named ? 'no' : undefined}>
      {structure && shown && <Swatch color={label.color} />}
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
      <span className="status-key">{label}</span> <span translate="no">{value}</span>
    </span>
  );
}
