/** The page's state and what can be done with it, as the interface sees them: all slices together. */
import type { StoreApi } from 'zustand/vanilla';
import type { FileWork } from '../compute/fileWork';
import type { LabelMap } from '../study/document';
import type { Study } from '../study/study';
import type { DemoState, Demos } from './demo';
import type { Device, DeviceState } from './device';
import type { Installation, InstallationState } from './installation';
import type { Keeping, KeepingState } from './keeping';
import type { ModelShelf, ShelfState } from './modelShelf';
import type { Notices, NoticesState } from './notices';
import type { OpeningState, ScanOpening } from './opening';
import type { Questions, QuestionsState } from './questions';
import type { RequestsState } from './requests';
import type { ResultsState } from './results';
import type { RunSettings, RunSettingsState } from './runSettings';
import type { RunState, Runs } from './runs';
import type { Scans, ScansState } from './scans';
import type { StatusState } from './status';

export interface AppState
  extends StatusState,
    OpeningState,
    ScansState,
    ShelfState,
    KeepingState,
    RunSettingsState,
    RunState,
    ResultsState,
    QuestionsState,
    NoticesState,
    InstallationState,
    RequestsState,
    DemoState,
    DeviceState {}

export interface App
  extends Omit<ModelShelf, 'forgetModels'>,
    Omit<Keeping, 'whyNotNow' | 'noticeMissing' | 'setOffline'>,
    Scans,
    RunSettings,
    Runs,
    Demos,
    Device,
    Installation,
    Pick<ScanOpening, 'openFiles'>,
    Pick<Questions, 'answer'>,
    Pick<Notices, 'inform' | 'report' | 'dismiss'> {
  readonly state: Pick<StoreApi<AppState>, 'getState' | 'getInitialState' | 'subscribe'>;
  /** What is open, with its voxels; `state.study` is its document. */
  readonly study: Study;
  /** Sorting what was dropped, and making files to take away. */
  readonly files: Pick<FileWork, 'sortDrop' | 'exportFiles'>;
  /** Opens the sample scan and segments it. */
  openDemo(): Promise<void>;
  /** A label map was handed to the user as a file. @param labelMap as it is in the file: it may have been edited since */
  markSaved(labelMap: Pick<LabelMap, 'id' | 'revision'>): void;
}
