/**
 * The models kept in this browser. Weights are stored by checksum, so models share equal pieces and an interrupted
 * download goes on where it stopped; a record beside them says which model they make up.
 *
 *   shard-<sha256>        one piece of a weights file
 *   model-<id>.json       { manifest, card, addedAt, origin }
 */
import { ModelError } from '../../errors';
import type { BlobStore } from './blobStore';
import { type Manifest, parseManifest } from './manifest';
import { assembleWeights, type LoadedModel, type OnBytes, type Shard, verifyShard } from './weights';

/** 'own': added by the user. 'download': a copy of what the server has, kept so that it is not fetched again. */
export type Origin = 'own' | 'download';

export interface StoredModel {
  readonly id: string;
  readonly origin: Origin;
  readonly manifest: Manifest;
  /** The text of its MODEL_CARD.md, Markdown; null when it came without one. */
  readonly card: string | null;
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
        const here = stored.manifest.weights.files.filter((shard) => present.has(shardName(shard)));
        return { ...stored, id: idOf(name), storedBytes: here.reduce((sum, { bytes }) => sum + bytes, 0) };
      }),
    );
    return models.filter((model) => model !== null).sort((a, b) => a.addedAt.localeCompare(b.addedAt));
  }

  /** The manifest kept under an id. */
  async manifest(id: string): Promise<Manifest | null> {
    return (await this.read(recordName(id)))?.manifest ?? null;
  }

  /**
   * Keeps a model the user gave; one with the same name and version is replaced once all pieces are written.
   * @param model verified
   * @param options.card its MODEL_CARD.md
   * @throws ModelError('storage-full' | 'storage-failed'); then everything is as before
   */
  async add(
    model: LoadedModel,
    { card = null, onBytes }: { card?: string | null; onBytes?: OnBytes } = {},
  ): Promise<StoredModel> {
    const { manifest, bytes } = model;
    const { files, bytes: total } = manifest.weights;
    let at = 0;
    try {
      for (const shard of files) {
        await this.keepShard(shard, bytes.subarray(at, at + shard.bytes));
        at += shard.bytes;
        onBytes?.(at, total);
      }
      await this.write(ownId(manifest), { manifest, card, origin: 'own' });
    } finally {
      // After a failure these are the pieces written so far, after a replacement those of the model before.
      await this.sweep();
    }
    return (await this.list()).find(({ id }) => id === ownId(manifest)) as StoredModel;
  }

  /**
   * Notes a model that is about to be downloaded, so that its pieces are kept; pieces of its older version go.
   * @param fetchCard asked for a model that is not noted yet
   */
  async startDownload(id: string, manifest: Manifest, fetchCard: () => Promise<string | null>): Promise<void> {
    const before = await this.manifest(id);
    if (before?.weights.sha256 === manifest.weights.sha256 && before.version === manifest.version) return;
    await this.write(id, { manifest, card: await fetchCard(), origin: 'download' });
    if (before) await this.sweep();
  }

  async remove(id: string): Promise<void> {
    await this.store.remove(recordName(id));
    await this.sweep();
  }

  /** A kept piece, verified; null when it is not here. A damaged one is thrown away and counts as not here. */
  async readShard(shard: Shard): Promise<Uint8Array<ArrayBuffer> | null> {
    const blob = await this.store.get(shardName(shard));
    if (!blob) return null;
    const bytes = new Uint8Array(await blob.arrayBuffer());
    try {
      await verifyShard(bytes, shard, '');
      return bytes;
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      await this.store.remove(shardName(shard));
      return null;
    }
  }

  /** @throws ModelError('storage-full' | 'storage-failed') */
  async keepShard(shard: Shard, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const kept = await this.store.get(shardName(shard));
    // A piece of the right size is checked when it is read; one that was cut short is written again.
    if (kept?.size !== shard.bytes) await this.store.put(shardName(shard), new Blob([bytes]));
  }

  /**
   * An own model in memory.
   * @throws ModelError('model-not-stored') when it is gone or its files are damaged
   */
  async open(id: string, onBytes: OnBytes, signal?: AbortSignal): Promise<LoadedModel> {
    const manifest = await this.manifest(id);
    if (!manifest) {
      throw new ModelError('model-not-stored', `The model ${id} is no longer in this browser's storage. Add it again.`);
    }
    const read = async (shard: Shard) => {
      const bytes = await this.readShard(shard);
      if (bytes) return bytes;
      throw new ModelError(
        'model-not-stored',
        `${shard.file} of ${manifest.title} is missing or damaged in this browser's storage. Delete the model and add it again.`,
      );
    };
    return { manifest, bytes: await assembleWeights(manifest, read, onBytes, signal) };
  }

  private async read(name: string): Promise<Stored | null> {
    const blob = await this.store.get(name);
    if (!blob) return null;
    try {
      const { manifest, card, addedAt, origin } = JSON.parse(await blob.text());
      return {
        manifest: parseManifest(manifest),
        card: typeof card === 'string' ? card : null,
        addedAt: String(addedAt),
        origin: origin === 'own' ? 'own' : 'download',
      };
    } catch {
      return null;
    }
  }

  private async write(id: string, model: Omit<Stored, 'addedAt'>): Promise<void> {
    const record: Stored = { ...model, addedAt: this.now().toISOString() };
    await this.store.put(recordName(id), new Blob([JSON.stringify(record)]));
  }

  /** Removes the pieces that no model needs. */
  private async sweep(): Promise<void> {
    const needed = new Set((await this.list()).flatMap(({ manifest }) => manifest.weights.files.map(shardName)));
    const names = await this.store.names();
    const unneeded = names.filter((name) => name.startsWith('shard-') && !needed.has(name));
    await Promise.all(unneeded.map((name) => this.store.remove(name)));
  }
}
