/** A study that is open: its document, the arrays behind it, and every change of either, one command at a time. */
import type { Message } from '../core/messages';
import type { Box } from '../volume/box';
import { EMPTY_STUDY, type LabelMap, type LabelMapId, type StudyDocument } from './document';
import { type VoxelHandle, VoxelStore } from './voxelStore';

/** Where voxels of a label map were changed. */
export interface LabelEdit extends Box {
  readonly labelMap: LabelMapId;
}

/** What a command works on: the document is replaced, never changed; voxels of label maps are changed in place. */
export interface Draft {
  document: StudyDocument;
  readonly voxels: Pick<VoxelStore, 'get'>;
  /** To be called for every box whose voxels were changed. */
  edited(edit: LabelEdit): void;
}

export interface Command {
  /** What it does, for a list of what can be undone; that of its inverse is the same. */
  readonly label: Message;
  /** Arrays of things that are not in the document while it is to be applied: kept for as long as it may be. */
  readonly brings?: readonly VoxelHandle[];
  /**
   * Changes the draft; where it throws, it has changed no voxel.
   * @returns its inverse
   */
  apply(draft: Draft): Command;
}

export interface StudyChange {
  readonly now: StudyDocument;
  readonly before: StudyDocument;
  /** Where voxels changed that both have. */
  readonly edits: readonly LabelEdit[];
}

/** Labels of what can be undone and done again, the next one last. */
export interface StudyHistory {
  readonly undo: readonly Message[];
  readonly redo: readonly Message[];
}

export class Study {
  readonly voxels = new VoxelStore();
  private now: StudyDocument = EMPTY_STUDY;
  /** Inverses of what was done, and of what was undone. */
  private readonly past: Command[] = [];
  private readonly future: Command[] = [];
  private readonly listeners = new Set<(change: StudyChange) => void>();
  /** Arrays that the document or the history names: freed when neither does any more. */
  private readonly named = new Set<VoxelHandle['id']>();

  get document(): StudyDocument {
    return this.now;
  }

  get history(): StudyHistory {
    const labels = (commands: readonly Command[]) => commands.map(({ label }) => label);
    return { undo: labels(this.past), redo: labels(this.future) };
  }

  /** Does a command, to be undone; what had been undone before cannot be done again. @throws what the command throws */
  apply(command: Command): void {
    this.run(command, (inverse) => {
      this.past.push(inverse);
      this.future.length = 0;
    });
  }

  /** @returns whether there was anything to undo */
  undo(): boolean {
    return this.step(this.past, this.future);
  }

  /** @returns whether there was anything to do again */
  redo(): boolean {
    return this.step(this.future, this.past);
  }

  /** What was done so far stays done; the arrays that undoing would need are freed. */
  forgetHistory(): void {
    this.past.length = this.future.length = 0;
    this.freeUnnamed();
  }

  /** A file holds this revision of a label map now. Not undone with edits: the file stays. */
  noteSaved(id: LabelMapId, revision: number): void {
    this.note(id, (labelMap) => ({ ...labelMap, savedRevision: revision }));
  }

  /** Sizes were counted. Those of a revision that is not there any more are ignored. */
  noteSizes(id: LabelMapId, revision: number, sizes: NonNullable<LabelMap['sizes']>): void {
    this.note(id, (labelMap) => (labelMap.revision === revision ? { ...labelMap, sizes } : labelMap));
  }

  /** @param listener called after every change, when everything has changed @returns ends it */
  subscribe(listener: (change: StudyChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private step(from: Command[], to: Command[]): boolean {
    const command = from.at(-1);
    if (!command) return false;
    this.run(command, (inverse) => {
      from.pop();
      to.push(inverse);
    });
    return true;
  }

  private run(command: Command, remember: (inverse: Command) => void): void {
    const edits: LabelEdit[] = [];
    const draft: Draft = { document: this.now, voxels: this.voxels, edited: (edit) => edits.push(edit) };
    remember(command.apply(draft));
    this.change(draft.document, edits);
  }

  private note(id: LabelMapId, change: (labelMap: LabelMap) => LabelMap): void {
    const labelMaps = this.now.labelMaps.map((one) => (one.id === id ? change(one) : one));
    if (labelMaps.some((one, at) => one !== this.now.labelMaps[at])) this.change({ ...this.now, labelMaps }, []);
  }

  private change(now: StudyDocument, edits: readonly LabelEdit[]): void {
    const before = this.now;
    this.now = now;
    this.freeUnnamed();
    for (const listener of [...this.listeners]) listener({ now, before, edits });
  }

  private freeUnnamed(): void {
    const { scans, labelMaps } = this.now;
    const open = [...scans, ...labelMaps].map(({ voxels }) => voxels);
    const brought = [...this.past, ...this.future].flatMap(({ brings = [] }) => brings);
    const still = new Set([...open, ...brought].map(({ id }) => id));
    for (const id of this.named) if (!still.has(id)) this.voxels.remove({ id });
    this.named.clear();
    for (const id of still) this.named.add(id);
  }
}
