/** Opening scans, and label maps as masks or as scans. */
import { newId } from '../core/ids';
import { message, type Parameter } from '../core/messages';
import { baseName, type NamedFile } from '../files/namedFile';
import { addScans, replaceAll, replaceLabelMaps } from '../study/commands';
import type { LabelMap, Scan } from '../study/document';
import { scanOf } from '../study/volumes';
import type { VoxelStore } from '../study/voxelStore';
import type { Grid } from '../volume/grid';
import { requireEqualGrids } from '../volume/sameGrid';
import type { Volume } from '../volume/volume';
import { mapQuestion, mapsAsScans, masksOf } from './maskFile';
import { type Notices, type NoticesState, warningsOf } from './notices';
import type { Part, Send } from './part';
import type { Answer, Question, Questions } from './questions';
import { isUnsaved, REPLACING, type Replacing, type ResultsState, shownLabels, unsavedQuestion } from './results';
import type { RunState } from './runs';
import { assignmentFor, type ChosenModel, type ScansState, shownScan } from './scans';
import { can, isBusy, type StatusState } from './status';

/** 'replace' what is open, 'join' it, or 'auto': join where the model still lacks a scan and the grids are equal. */
export type OpenMode = 'replace' | 'join' | 'auto';

export interface OpeningState {
  /** What is being read: a file's name, or how many scans. */
  readonly readingName: Parameter | null;
}

/** What opening reads, and what it changes. */
type Now = OpeningState & ScansState & ResultsState & RunState & NoticesState & StatusState & ChosenModel;

export interface OpeningPort extends Pick<Notices, 'notice' | 'inform' | 'report'>, Questions {
  /** Where files' voxels lie, from their headers. @throws InvalidInputError */
  readGrids(files: readonly NamedFile[]): Promise<readonly (Grid & { readonly name: string })[]>;
  /** @throws InvalidInputError; CancelledError after `signal` aborts */
  readVolumes(files: readonly NamedFile[], signal: AbortSignal): Promise<readonly Volume[]>;
  readonly voxels: VoxelStore;
  readonly send: Send<Now>;
}

export interface ScanOpening {
  /**
   * Opens scans, and label maps as masks or scans, as the user says.
   * @returns whether anything was opened
   */
  openFiles(files: readonly NamedFile[], mode?: OpenMode): Promise<boolean>;
  /** As openFiles, for files that have to be fetched. @param name what is being read, for the user */
  open(load: () => Promise<readonly NamedFile[]>, name: Parameter, mode: OpenMode): Promise<boolean>;
}

/** Another file was opened meanwhile: this one is forgotten without a word. */
class Superseded extends Error {}

/** One opening of files, as long as no other has begun. */
interface Opening {
  readonly mode: OpenMode;
  /** Aborts when another opening begins. */
  readonly signal: AbortSignal;
  /** @throws Superseded */
  check(): void;
  /** As Questions.ask. @throws Superseded */
  ask(question: Question): Promise<Answer>;
}

export const INITIAL_OPENING: OpeningState = { readingName: null };

export function createOpening(state: Part<Now>, port: OpeningPort): ScanOpening {
  const { voxels, send, ask, answer, notice, inform, report } = port;
  /** Of the files that were asked for last; an answer to others is ignored. */
  let latest = new AbortController();

  const openScans = () => state.getState().study.scans;

  /** Whether new scans join those that are open. @throws InvalidInputError when they do not fit together */
  const joins = (read: readonly Volume[], mode: OpenMode): boolean => {
    requireEqualGrids(read);
    const { assignment } = state.getState();
    const lacking = assignment.length > 1 && assignment.includes(null);
    if (openScans().length === 0 || mode === 'replace' || (mode === 'auto' && !lacking)) return false;
    try {
      requireEqualGrids([...openScans().map(placeOf), ...read]);
      return true;
    } catch (error) {
      // Another patient's scan, most likely.
      if (mode === 'auto') return false;
      throw error;
    }
  };

  /** Whether the result may go; the user is asked where it was not saved. */
  const mayReplaceResult = async (opening: Opening, by: Replacing): Promise<boolean> => {
    const shown = shownLabels(state.getState());
    if (!shown || !isUnsaved(shown)) return true;
    return (await opening.ask(unsavedQuestion(shown, by))) !== 'keep';
  };

  const readAll = async (files: readonly NamedFile[], { mode, signal, check }: Opening) => {
    // Headers first: scans that cannot go together are not worth the minutes that their voxels take.
    if (files.length > 1) {
      const grids = await port.readGrids(files);
      requireEqualGrids(mode === 'join' ? [...openScans().map(placeOf), ...grids] : grids);
    }
    const read = await port.readVolumes(files, signal);
    check();
    return read;
  };

  /** Makes volumes open scans. @returns false where the user keeps the result that they would replace */
  const takeScans = async (read: readonly Volume[], opening: Opening): Promise<boolean> => {
    const joined = joins(read, opening.mode);
    const by = read.length === 1 ? REPLACING.opening(read[0].name) : REPLACING.openingSeveral(read.length);
    if (!joined && !(await mayReplaceResult(opening, by))) return false;
    const now = state.getState();
    const added = read.map((volume) => scanOf(volume, voxels));
    // Errors since the file was opened stay (the models may be missing); warnings were about the scans before.
    const notices = [
      ...now.notices.filter(({ kind }) => kind === 'error' || (joined && kind === 'warning')),
      ...added.flatMap(({ warnings }) => warnings.map((warning) => notice('warning', warning))),
    ];
    if (joined) {
      const assignment = assignmentFor(now, [...now.study.scans, ...added], now.assignment);
      // A result stays: it says of which scans it is.
      send('kept', { readingName: null, assignment, notices }, addScans(added));
      return true;
    }
    const assignment = assignmentFor(now, added);
    // What a model of one channel will read is what its user looks at.
    const shownScanId = (assignment.length === 1 ? assignment[0] : null) ?? added[0].id;
    send(
      'read',
      { readingName: null, shownScanId, assignment, shownLabelsId: null, progress: null, notices },
      replaceAll(added),
    );
    return true;
  };

  /** Lays a label map over the open scan. @returns false where the user keeps the result that is there */
  const takeMasks = async (map: Volume, opening: Opening): Promise<boolean> => {
    const masks = masksOf(map);
    const scan = shownScan(state.getState());
    if (!masks || !scan || !(await mayReplaceResult(opening, REPLACING.showing(map.name)))) return false;
    const { name, dimsXyz, spacingXyz, affine } = map;
    const { data, ...structures } = masks;
    const labelMap: LabelMap = {
      id: newId('labels'),
      name,
      grid: { dimsXyz, spacingXyz, affine },
      ...structures,
      madeFrom: { kind: 'file', fileName: name },
      over: scan.id,
      revision: 0,
      savedRevision: 0,
      voxels: voxels.add(data),
    };
    const { notices, shownLabelsId } = state.getState();
    const warnings = map.warnings.map((warning) => notice('warning', message('named-warning', { name, warning })));
    send(
      'kept',
      { readingName: null, shownLabelsId: labelMap.id, notices: [...notices, ...warnings] },
      replaceLabelMaps(shownLabelsId ? [shownLabelsId] : [], labelMap),
    );
    return true;
  };

  /** Asks what a label map is meant to be, beside the scans that are open. */
  const offerMap = async (map: Volume, opening: Opening): Promise<boolean> => {
    const scan = shownScan(state.getState());
    const given = scan ? await opening.ask(mapQuestion(map, placeOf(scan))) : 'scan';
    if (given === 'overlay') return takeMasks(map, opening);
    return given === 'scan' ? takeScans([map], opening) : false;
  };

  /** @returns whether anything was opened */
  const take = async (read: readonly Volume[], opening: Opening): Promise<boolean> => {
    const maps = read.filter(({ labelMap }) => labelMap);
    const pictures = read.filter(({ labelMap }) => !labelMap);
    // One map beside a scan is that scan's, most likely; several, or one alone, are pictures like any other.
    if (maps.length === 1 && (pictures.length > 0 || openScans().length > 0)) {
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
    latest.abort();
    latest = new AbortController();
    const { signal } = latest;
    // A question that is open was about files that these take the place of.
    answer('keep');
    const check = () => {
      if (signal.aborted || isBusy(state.getState().status)) throw new Superseded();
    };
    const asking = async (question: Question) => {
      const given = await ask(question);
      check();
      return given;
    };
    send('open', { readingName: name, notices: warningsOf(state.getState()) });
    try {
      const opening = { mode, signal, check, ask: asking };
      const opened = await take(await readAll(await load(), opening), opening);
      if (!opened) send('kept', { readingName: null });
      return opened;
    } catch (error) {
      if (error instanceof Superseded || signal.aborted) return false;
      send('kept', { readingName: null });
      report(error);
      return false;
    }
  };

  return {
    open,
    openFiles: (files, mode = 'auto') => {
      const name = files.length === 1 ? baseName(files[0].path) : message('several-scans', { count: files.length });
      return files.length === 0 ? Promise.resolve(false) : open(async () => files, name, mode);
    },
  };
}

/** Where a scan lies, for comparing. */
const placeOf = ({ grid, name }: Scan) => ({ ...grid, name });
