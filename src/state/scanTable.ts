/** Opening scans and putting them into the model's channels: the part of the app that owns `scans` in the store. */
import type { StoreApi } from 'zustand/vanilla';
import { baseName, type NamedFile } from '../inference/model/modelFiles';
import { intensityOfVolume } from '../volume/intensity';
import type { Volume } from '../volume/volume';
import { can } from './appState';
import { type Assignment, assignByHand, assignByName, requireEqualGrids } from './inputs';
import { chosenModel } from './models';
import type { AppState, Messages, ScanSummary, Send, Services, Session } from './store';

/** 'replace' what is open, 'join' it, or 'auto': join where the model still lacks a scan and the grids are equal. */
export type OpenMode = 'replace' | 'join' | 'auto';

export interface ScanTable {
  /** @returns whether the files became open scans, all or none */
  openFiles(files: readonly NamedFile[], mode?: OpenMode): Promise<boolean>;
  /** As openFiles, for files that have to be fetched. @param name what is being read, for the user */
  open(load: () => Promise<readonly NamedFile[]>, name: string, mode: OpenMode): Promise<boolean>;
  /** @param index of `scans` */
  showScan(index: number): void;
  /** Puts a scan into a channel of the chosen model. @param scan index of `scans`, null for none */
  assign(channel: number, scan: number | null): void;
}

export function createScanTable(
  state: StoreApi<AppState>,
  session: Session,
  { inference }: Pick<Services, 'inference'>,
  send: Send,
  { notice, inform, report }: Messages,
): ScanTable {
  /** Counts files asked for; an answer that is not the latest is ignored. */
  let latestRead = 0;
  let nextId = 1;

  /** The open scans with the new ones, or the new ones alone. @throws InvalidInputError when they do not fit together */
  const together = (read: readonly Volume[], mode: OpenMode): readonly Volume[] => {
    requireEqualGrids(read);
    const { assignment } = state.getState();
    const lacking = assignment.length > 1 && assignment.includes(null);
    if (session.volumes.length === 0 || mode === 'replace' || (mode === 'auto' && !lacking)) return read;
    const all = [...session.volumes, ...read];
    try {
      requireEqualGrids(all);
      return all;
    } catch (error) {
      // Another patient's scan, most likely.
      if (mode === 'auto') return read;
      throw error;
    }
  };

  const assignmentFor = (scans: readonly ScanSummary[], made: Assignment = []): Assignment => {
    const names = scans.map(({ name }) => name);
    return assignByName(chosenModel(state.getState())?.manifest.channels ?? [], names, made);
  };

  const open: ScanTable['open'] = async (load, name, mode) => {
    const { status, notices } = state.getState();
    if (!can(status, 'open')) {
      inform('A segmentation is running. Cancel it before opening another file.');
      return false;
    }
    const mine = ++latestRead;
    send('open', { readingName: name, notices: notices.filter(({ kind }) => kind === 'warning') });
    try {
      const read: Volume[] = [];
      // One after another: several large scans being unpacked at once may not fit in memory.
      for (const { path, file } of await load()) {
        read.push(await inference.readVolume(file, baseName(path)));
        if (mine !== latestRead) return false;
      }
      const volumes = together(read, mode);
      const joined = volumes !== read;
      session.volumes = volumes;
      session.labels = null;
      const now = state.getState();
      // Those that stay keep their summaries, and so their ids.
      const scans = [...(joined ? now.scans : []), ...read.map((volume) => summary(volume, nextId++))];
      const assignment = assignmentFor(scans, joined ? now.assignment : []);
      // What a model of one channel will read is what its user looks at.
      const first = assignment.length === 1 ? (assignment[0] ?? 0) : 0;
      if (!joined) session.volume = volumes[first];
      send('read', {
        readingName: null,
        scans,
        scan: joined ? now.scan : scans[first],
        assignment,
        result: null,
        progress: null,
        // Errors since the file was opened stay (the models may be missing); warnings were about the scans before.
        notices: [
          ...now.notices.filter(({ kind }) => kind === 'error' || (joined && kind === 'warning')),
          ...read.flatMap(({ warnings }) => warnings.map((text) => notice('warning', text))),
        ],
      });
      return true;
    } catch (error) {
      if (mine !== latestRead) return false;
      send('read-failed', { readingName: null });
      report(error);
      return false;
    }
  };

  // Another model has other channels. A result stays: it names the model it is from.
  const channels = (now: AppState) => JSON.stringify(chosenModel(now)?.manifest.channels);
  state.subscribe((now, before) => {
    const mayDiffer = now.modelId !== before.modelId || now.models !== before.models;
    if (mayDiffer && channels(now) !== channels(before)) state.setState({ assignment: assignmentFor(now.scans) });
  });

  return {
    open,
    openFiles: (files, mode = 'auto') => {
      const name = files.length === 1 ? baseName(files[0].path) : `${files.length} scans`;
      return files.length === 0 ? Promise.resolve(false) : open(async () => files, name, mode);
    },
    showScan(index) {
      const volume = session.volumes[index];
      if (!volume || volume === session.volume) return;
      session.volume = volume;
      state.setState({ scan: state.getState().scans[index] });
    },
    assign: (channel, scan) =>
      state.setState(({ assignment }) => ({ assignment: assignByHand(assignment, channel, scan) })),
  };
}

const summary = (volume: Volume, id: number): ScanSummary => {
  const { name, dimsXyz, spacingXyz, affine } = volume;
  return { id, name, dimsXyz, spacingXyz, affine, intensity: intensityOfVolume(volume) };
};
