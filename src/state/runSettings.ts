/** How the next run goes, as far as the user chooses it. */
import type { ProviderChoice } from '../inference/protocol';
import type { Part } from './part';

export interface RunSettingsState {
  readonly provider: ProviderChoice;
  /** Average over mirrored windows; null: as the model says. */
  readonly mirror: boolean | null;
}

export interface RunSettings {
  selectProvider(provider: ProviderChoice): void;
  selectMirror(mirror: boolean): void;
}

export const INITIAL_RUN_SETTINGS: RunSettingsState = { provider: 'auto', mirror: null };

export function createRunSettings(part: Part<RunSettingsState & { readonly modelId: string | null }>): RunSettings {
  // What mirroring costs and is worth is the model's; the choice was made for that one.
  part.subscribe((now, before) => {
    if (now.modelId !== before.modelId && now.mirror !== null) part.setState({ mirror: null });
  });
  return {
    selectProvider: (provider) => part.setState({ provider }),
    selectMirror: (mirror) => part.setState({ mirror }),
  };
}
