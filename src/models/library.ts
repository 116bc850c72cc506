/**
 * The models kept in this browser. Weights are stored by checksum, so models share equal pieces and an interrupted
 * download goes on where it stopped; a record beside them says which model they make up.
 *
 *   shard-<sha256>        one piece of a weights file
 *   model-<id>.json       { manifest, card, addedAt, origin }
 *   adding-<id>.json      { pieces, at }: names of the pieces of a model that is being written; gone when it is
 *
 * Tabs take turns in writing (storageLock.ts). Where a browser has no locks, the notes of what is being added keep another
 * tab from sweeping it away.
 */
import { ModelError } from '../core/errors';
import { message, type Parameter } from '../core/messages';
import type { BlobStore } from './blobStore';
import type { NetworkCost } from './costs';
import { type Manifest, parseManifest } from './manifest';
import { whileReading, whileWriting } from './storageLock';
import { assembleWeights, FETCH_AGAIN, type LoadedModel, type OnBytes, type Shard, verifyShard } from './weights';

/** 'own': added by the user. 'download': a copy of what the server has, kept so that it is not fetched again. */
export type Origin = 'own' | 'download';

export interface StoredModel {
  readonly id: string;
  readonly origin: Origin;
  readonly manifest: Manifest;
  /** The text of its MODEL_CARD.md, Markdown; null when it came without one. */
  readonly card: string | null;
  /** What its network costs; absent for a model of the server, and one that was added before this was kept. */
  readonly cost?: NetworkCost;
  /** ISO 8601. */
  readonly addedAt: string;
  /** Bytes of its weights that are here; fewer than manifest.weights.bytes after an interrupted download. */
  readonly storedBytes: number;
}

type Stored = Omit<StoredModel, 'id' | 'storedBytes'>;

const shardName = ({ sha256 }: Shard) => `shard-${sha256}`;
const recordName = (id: string) => `model-${encodeURIComponent(id)}.json`;
const idOf = (name: string) => decodeURIComponent(name.slice('model-'.length, -'.json'.length));
const isRecord = (name: string) => name.startsWith('model-') && name.endsWith('.json');
const noteName = (id: string) => `adding-${encodeURIComponent(id)}.json`;

/** A note this old is of a tab that was closed while it wrote. */
const NOTE_EXPIRES_MS = 60 * 60_000;

export interface KeepOptions {
  /** Its MODEL_CARD.md. */
  readonly card?: string | null;
  readonly cost?: NetworkCost;
  /** false: fails when a model of this name and version is here. */
  readonly replace?: boolean;
  readonly onBytes?: OnBytes;
  /** Ends the waiting for another tab, not the writing. */
  readonly signal?: AbortSignal;
}

/** Name and version identify an own model: the same two replace it. */
export const ownId = ({ name, version }: Pick<Manifest, 'name' | 'version'>): string => `${name}@${version}`;

export class ModelLibrary {
  /** @param now replaced in tests */
  constructor(
    private readonly store: BlobStore,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** All models, oldest first. A record that this version cannot read (an older format) is left out. */
  async list(): Promise<StoredModel[]> {
    const names = await this.store.names();
    const present = new Set(names);
    const models = await Promise.all(
      names.filter(isRecord).map(async (name): Promise<StoredModel | null> => {
        const stored = await this.read(name);
        if (!stored) return null;
        const sizes = await Promise.all(
          stored.manifest.weights.files.map(async (shard) =>
            present.has(shardName(shard)) && (await this.isHere(shard)) ? shard.bytes : 0,
          ),
        );
        return { ...stored, id: idOf(name), storedBytes: sizes.reduce((sum, bytes) => sum + bytes, 0) };
      }),
    );
    return models.filter((model) => model !== null).sort((a, b) => a.addedAt.localeCompare(b.addedAt));
  }

  /** The manifest kept under an id. */
  async manifest(id: string): Promise<Manifest | null> {
    return (await this.read(recordName(id)))?.manifest ?? null;
  }

  /** @throws ModelError('model-exists') when a model of this name and version is here */
  async requireNew(manifest: Manifest): Promise<void> {
    if (!(await this.manifest(ownId(manifest)))) return;
    const { title, version, name } = manifest;
    throw new ModelError('model-exists', { title, version, name });
  }

  /**
   * Keeps a model the user gave; one with the same name and version is replaced once all pieces are written.
   * @param model verified
   * @throws ModelError('storage-full' | 'storage-failed' | 'storage-incomplete' | 'storage-cleared' | 'model-exists'); then everything is as before
   */
  add(model: LoadedModel, options: KeepOptions = {}): Promise<StoredModel> {
    return whileWriting(() => this.write(model, options), options.signal);
  }

  private async write(
    { manifest, bytes }: LoadedModel,
    { card = null, cost, replace = true, onBytes }: KeepOptions,
  ): Promise<StoredModel> {
    if (!replace) await this.requireNew(manifest);
    const id = ownId(manifest);
    const { files, bytes: total } = manifest.weights;
    const now = this.now();
    const note = { pieces: files.map(shardName), at: now.getTime() };
    let isKept = false;
    try {
      await this.store.put(noteName(id), new Blob([JSON.stringify(note)]));
      let at = 0;
      for (const shard of files) {
        // A piece that is here is only left alone when it is intact.
        if (!(await this.readShard(shard))) await this.putShard(shard, bytes.subarray(at, at + shard.bytes));
        at += shard.bytes;
        onBytes?.(at, total);
      }
      const lost = await this.missing(manifest);
      if (lost) throw clearedMeanwhile(manifest.title, lost.file);
      await this.writeRecord(id, { manifest, card, cost, origin: 'own', addedAt: now.toISOString() });
      isKept = true;
    } finally {
      // After a failure these are the pieces written so far, after a replacement those of the model before.
      const cleaning = this.store.remove(noteName(id)).then(() => this.sweep());
      await (isKept ? cleaning : cleaning.catch(() => undefined));
    }
    const kept = (await this.list()).find((one) => one.id === id);
    if (kept?.storedBytes !== total) throw clearedMeanwhile(manifest.title, message('one-of-its-files'));
    return kept;
  }

  /**
   * Notes a model that is about to be downloaded, so that its pieces are kept; pieces of its older version go.
   * @param fetchCard asked for a model that is not noted yet
   */
  async startDownload(id: string, manifest: Manifest, fetchCard: () => Promise<string | null>): Promise<void> {
    const before = await this.manifest(id);
    if (before?.weights.sha256 === manifest.weights.sha256 && before.version === manifest.version) return;
    const card = await fetchCard();
    await whileWriting(async () => {
      await this.writeRecord(id, { manifest, card, origin: 'download', addedAt: this.now().toISOString() });
      if (before) await this.sweep();
    });
  }

  remove(id: string): Promise<void> {
    return whileWriting(async () => {
      await this.store.remove(recordName(id));
      await this.sweep();
    });
  }

  /**
   * A kept piece, verified; null when it is not here. A damaged one counts as not here, and stays until it is replaced:
   * another tab may be writing it.
   */
  async readShard(shard: Shard): Promise<Uint8Array<ArrayBuffer> | null> {
    const blob = await this.store.get(shardName(shard));
    if (!blob) return null;
    try {
      const bytes = new Uint8Array(await blob.arrayBuffer());
      await verifyShard(bytes, shard, FETCH_AGAIN);
      return bytes;
    } catch {
      // Damaged, removed, or not to be read: as good as not here.
      return null;
    }
  }

  /** Keeps a piece, in place of one that is damaged. @throws ModelError('storage-full' | 'storage-failed' | 'storage-incomplete') */
  keepShard(shard: Shard, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return whileWriting(async () => {
      if (!(await this.readShard(shard))) await this.putShard(shard, bytes);
    });
  }

  /** Writes a piece and looks whether it is there. */
  private async putShard(shard: Shard, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.store.put(shardName(shard), new Blob([bytes]));
    const kept = await this.store.get(shardName(shard));
    if (kept?.size === shard.bytes) return;
    throw new ModelError('storage-incomplete', { stored: kept?.size ?? 0, bytes: shard.bytes, file: shard.file });
  }

  /** Whether a piece is here at its full size. */
  private async isHere(shard: Shard): Promise<boolean> {
    return (await this.store.get(shardName(shard)))?.size === shard.bytes;
  }

  /** The first piece of a model that is not here at its full size. */
  private async missing(manifest: Manifest): Promise<Shard | null> {
    for (const shard of manifest.weights.files) if (!(await this.isHere(shard))) return shard;
    return null;
  }

  /**
   * An own model in memory.
   * @throws ModelError('model-not-stored' | 'model-file-not-stored') when it is gone or its files are damaged
   */
  open(id: string, onBytes: OnBytes, signal?: AbortSignal): Promise<LoadedModel> {
    // All of it while nobody writes: otherwise it may be replaced between its record and its last piece.
    return whileReading(async () => {
      const manifest = await this.manifest(id);
      if (!manifest) {
        throw new ModelError('model-not-stored', { id });
      }
      const read = async (shard: Shard) => {
        const bytes = await this.readShard(shard);
        if (bytes) return bytes;
        throw new ModelError('model-file-not-stored', { file: shard.file, title: manifest.title });
      };
      return { manifest, bytes: await assembleWeights(manifest, read, onBytes, signal) };
    });
  }

  private async read(name: string): Promise<Stored | null> {
    const blob = await this.store.get(name);
    if (!blob) return null;
    try {
      const { manifest, card, cost, addedAt, origin } = JSON.parse(await blob.text());
      return {
        manifest: parseManifest(manifest),
        card: typeof card === 'string' ? card : null,
        ...(cost && { cost }),
        addedAt: String(addedAt),
        origin: origin === 'own' ? 'own' : 'download',
      };
    } catch {
      return null;
    }
  }

  /** A record that cannot be written leaves the one before. */
  private async writeRecord(id: string, record: Stored): Promise<void> {
    const name = recordName(id);
    const before = await (await this.store.get(name))?.text();
    try {
      await this.store.put(name, new Blob([JSON.stringify(record)]));
    } catch (error) {
      if (before !== undefined) await this.store.put(name, new Blob([before])).catch(() => undefined);
      throw error;
    }
  }

  /** Removes the pieces that no model needs and none that is being added. */
  private async sweep(): Promise<void> {
    const names = await this.store.names();
    const needed = new Set((await this.list()).flatMap(({ manifest }) => manifest.weights.files.map(shardName)));
    for (const name of names.filter((one) => one.startsWith('adding-'))) {
      const note = await this.readNote(name);
      for (const piece of note ?? []) needed.add(piece);
      if (!note) await this.store.remove(name);
    }
    const unneeded = names.filter((name) => name.startsWith('shard-') && !needed.has(name));
    await Promise.all(unneeded.map((name) => this.store.remove(name)));
  }

  /** The pieces that a note names; null when it has expired or cannot be read. */
  private async readNote(name: string): Promise<readonly string[] | null> {
    try {
      const { pieces, at } = JSON.parse((await (await this.store.get(name))?.text()) ?? '');
      return Math.abs(this.now().getTime() - at) < NOTE_EXPIRES_MS ? pieces : null;
    } catch {
      return null;
    }
  }
}

const clearedMeanwhile = (title: string, what: Parameter) => new ModelError('storage-cleared', { title, what });
