/** Opening scans, and label maps as masks or as scans. */
import { message } from '../core/messages';
import { requireEqualGrids } from '../models/inputs';
import { baseName, type NamedFile } from '../models/modelFiles';
import type { Grid } from '../volume/grid';
import { intensityOfVolume } from '../volume/intensity';
import type { Volume } from '../volume/volume';
import { mapQuestion, mapsAsScans, masksOf } from './maskFile';
import { type Notices, type NoticesState, warningsOf } from './notices';
import type { Part, Send } from './part';
import type { Answer, Question, Questions } from './questions';
import { isUnsaved, REPLACING, type Replacing, type ResultsState, unsavedQuestion } from './results';
import type { RunState } from './runs';
import { assignmentFor, type ChosenModel, type ScanSummary, type ScansState } from './scans';
import type { Session } from './session';
import { can, isBusy, type StatusState } from './status';

/** 'replace' what is open, 'join' it, or 'auto': join where the model still lacks a scan and the grids are equal. */
export type OpenMode = 'replace' | 'join' | 'auto';

export interface OpeningState {
  /** Name of the file being read. */
  readonly readingName: string | null;
}

/** What opening reads, and what it changes. */
type Now = OpeningState & ScansState & ResultsState & RunState & NoticesState & StatusState & ChosenModel;

export interface OpeningPort extends Pick<Notices, 'notice' | 'inform' | 'report'>, Questions {
  /** Where a file's voxels lie, from its header. @throws InvalidInputError */
  readGrid(file: Blob, name: string): Promise<Grid & { readonly name: string }>;
  /** @throws InvalidInputError */
  readVolume(file: Blob, name: string): Promise<Volume>;
  readonly session: Session;
  readonly send: Send<Now>;
  /** For scans and results: never given twice. */
  newId(): number;
}

export interface ScanOpening {
  /**
   * Opens scans, and label maps as masks or scans, as the user says.
   * @returns whether anything was opened
   */
  openFiles(files: readonly NamedFile[], mode?: OpenMode): Promise<boolean>;
  /** As openFiles, for files that have to be fetched. @param name what is being read, for the user */
  open(load: () => Promise<readonly NamedFile[]>, name: string, mode: OpenMode): Promise<boolean>;
}

/** Another file was opened meanwhile: this one is forgotten without a word. */
class Superseded extends Error {}

/** One opening of files, as long as no other has begun. */
interface Opening {
  readonly mode: OpenMode;
  /** @throws Superseded */
  check(): void;
  /** As Questions.ask. @throws Superseded */
  ask(question: Question): Promise<Answer>;
}

export const INITIAL_OPENING: OpeningState = { readingName: null };

export function createOpening(state: Part<Now>, port: OpeningPort): ScanOpening {
  const { session, send, ask, answer, newId, notice, inform, report } = port;
  /** Counts files asked for; an answer that is not the latest is ignored. */
  let latestRead = 0;

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

  /** Whether the result may go; the user is asked where it was not saved. */
  const mayReplaceResult = async (opening: Opening, by: Replacing): Promise<boolean> => {
    const { result } = state.getState();
    if (!result || !isUnsaved(state.getState())) return true;
    return (await opening.ask(unsavedQuestion(result, by))) !== 'keep';
  };

  /** One after another: several large scans being unpacked at once may not fit in memory. */
  const readAll = async (files: readonly NamedFile[], { mode, check }: Opening): Promise<Volume[]> => {
    // Headers first: scans that cannot go together are not worth the minutes that their voxels take.
    if (files.length > 1) {
      const grids = await Promise.all(files.map(({ path, file }) => port.readGrid(file, baseName(path))));
      requireEqualGrids(mode === 'join' ? [...session.volumes, ...grids] : grids);
    }
    const read: Volume[] = [];
    for (const { path, file } of files) {
      read.push(await port.readVolume(file, baseName(path)));
      check();
    }
    return read;
  };

  /** Makes volumes open scans. @returns false where the user keeps the result that they would replace */
  const takeScans = async (read: readonly Volume[], opening: Opening): Promise<boolean> => {
    const volumes = together(read, opening.mode);
    const joined = volumes !== read;
    const by = read.length === 1 ? REPLACING.opening(read[0].name) : REPLACING.openingSeveral(read.length);
    if (!joined && !(await mayReplaceResult(opening, by))) return false;
    session.volumes = volumes;
    const now = state.getState();
    // Those that stay keep their summaries, and so their ids.
    const scans = [...(joined ? now.scans : []), ...read.map((volume) => summary(volume, newId()))];
    const assignment = assignmentFor(now, scans, joined ? now.assignment : []);
    // Errors since the file was opened stay (the models may be missing); warnings were about the scans before.
    const notices = [
      ...now.notices.filter(({ kind }) => kind === 'error' || (joined && kind === 'warning')),
      ...read.flatMap(({ warnings }) => warnings.map((warning) => notice('warning', warning))),
    ];
    if (joined) {
      // A result stays: it says of which scans it is.
      send('kept', { readingName: null, scans, assignment, notices });
      return true;
    }
    session.labels = null;
    // What a model of one channel will read is what its user looks at.
    const first = assignment.length === 1 ? (assignment[0] ?? 0) : 0;
    session.volume = volumes[first];
    send('read', { readingName: null, scans, scan: scans[first], assignment, result: null, progress: null, notices });
    return true;
  };

  /** Lays a label map over the open scan. @returns false where the user keeps the result that is there */
  const takeMasks = async (map: Volume, opening: Opening): Promise<boolean> => {
    const masks = masksOf(map);
    const { scan } = state.getState();
    if (!masks || !scan || !(await mayReplaceResult(opening, REPLACING.showing(map.name)))) return false;
    session.labels = masks.labels;
    const origin = { kind: 'file', name: map.name, over: { id: scan.id, name: scan.name } } as const;
    const warnings = map.warnings.map((warning) =>
      notice('warning', message('named-warning', { name: map.name, warning })),
    );
    send('kept', {
      readingName: null,
      result: { id: newId(), ...masks.structures, origin },
      notices: [...state.getState().notices, ...warnings],
    });
    return true;
  };

  /** Asks what a label map is meant to be, beside the scans that are open. */
  const offerMap = async (map: Volume, opening: Opening): Promise<boolean> => {
    const given = await opening.ask(mapQuestion(map, session.volume ?? session.volumes[0]));
    if (given === 'overlay') return takeMasks(map, opening);
    return given === 'scan' ? takeScans([map], opening) : false;
  };

  /** @returns whether anything was opened */
  const take = async (read: readonly Volume[], opening: Opening): Promise<boolean> => {
    const maps = read.filter(({ labelMap }) => labelMap);
    const pictures = read.filter(({ labelMap }) => !labelMap);
    // One map beside a scan is that scan's, most likely; several, or one alone, are pictures like any other.
    if (maps.length === 1 && (pictures.length > 0 || session.volumes.length > 0)) {
      if (pictures.length > 0 && !(await takeScans(pictures, opening))) return false;
      return (await offerMap(maps[0], opening)) || pictures.length > 0;
    }
    const taken = await takeScans(read, opening);
    if (taken && maps.length > 0) inform(mapsAsScans(maps));
    return taken;
  };

  const open: ScanOpening['open'] = async (load, name, mode) => {
    const { status } = state.getState();
    if (!can(status, 'open')) {
      inform(message('not-opened-while-running', { name }));
      return false;
    }
    const mine = ++latestRead;
    // A question that is open was about files that these take the place of.
    answer('keep');
    const check = () => {
      if (mine !== latestRead || isBusy(state.getState().status)) throw new Superseded();
    };
    const asking = async (question: Question) => {
      const given = await ask(question);
      check();
      return given;
    };
    send('open', { readingName: name, notices: warningsOf(state.getState()) });
    try {
      const opening = { mode, check, ask: asking };
      const opened = await take(await readAll(await load(), opening), opening);
      if (!opened) send('kept', { readingName: null });
      return opened;
    } catch (error) {
      if (error instanceof Superseded || mine !== latestRead) return false;
      send('kept', { readingName: null });
      report(error);
      return false;
    }
  };

  return {
    open,
    openFiles: (files, mode = 'auto') => {
      const name = files.length === 1 ? baseName(files[0].path) : `${files.length} scans`;
      return files.length === 0 ? Promise.resolve(false) : open(async () => files, name, mode);
    },
  };
}

const summary = (volume: Volume, id: number): ScanSummary => {
  const { name, dimsXyz, spacingXyz, affine, labelMap } = volume;
  const intensity = intensityOfVolume(volume);
  return { id, name, dimsXyz, spacingXyz, affine, intensity, ...(labelMap && { labelMap }) };
};
