/** The page's dialogs by name. One is open at a time. */
import type { ComponentType } from 'react';
import type { App } from '../state/app';
import { DeviceDialog } from '../ui/dialogs/deviceDialog';
import { HelpDialog } from '../ui/dialogs/helpDialog';
import { ItDialog } from '../ui/dialogs/itDialog';
import { ModelsDialog } from '../ui/dialogs/modelsDialog';
import { OfflineDialog } from '../ui/dialogs/offlineDialog';
import { PrivacyDialog } from '../ui/dialogs/privacyDialog';
import type { DialogName } from '../ui/menu/entries';
import type { Viewer } from '../viewer/viewer';

export interface DialogProps {
  readonly app: App;
  readonly viewer: Viewer;
  readonly open: boolean;
  readonly onClose: () => void;
  /** Opens a model's card over it. */
  readonly onCard: (modelId: string) => void;
  /** Opens another in its place. */
  readonly onDialog: (name: DialogName) => void;
}

export const DIALOGS: Readonly<Record<DialogName, ComponentType<DialogProps>>> = {
  models: ModelsDialog,
  device: DeviceDialog,
  offline: OfflineDialog,
  privacy: PrivacyDialog,
  help: HelpDialog,
  it: ItDialog,
};
