/** Which of the files that a user dropped are a model, and which of those model.json means. Names only, no contents. */
import { ModelError } from '../core/errors';
import { message, type Parameter } from '../core/messages';
import { baseName, folderOf, isLitter, type NamedFile } from '../files/namedFile';
import { CARD } from './card';
import type { Shard } from './weights';

export const MANIFEST = 'model.json';

const isCheckpoint = (path: string): boolean => /\.(model|pkl|pth|pt|ckpt|safetensors)$/i.test(path);
const isModelPart = (path: string): boolean =>
  baseName(path) === MANIFEST || /\.zip$/i.test(path) || /\.onnx\b[\w.-]*$/i.test(baseName(path)) || isCheckpoint(path);

/**
 * The files that belong to a model, by their names: beside or below a model.json everything but scans; elsewhere ONNX
 * files, zip archives and checkpoints.
 * @param isScan whether a file of this name is a scan
 */
export function modelFilesAmong(files: readonly NamedFile[], isScan: (path: string) => boolean): readonly NamedFile[] {
  const useful = files.filter(({ path }) => !isLitter(path));
  const roots = useful.filter(({ path }) => baseName(path) === MANIFEST).map(({ path }) => folderOf(path));
  const isBelow = (path: string) => roots.some((root) => path.startsWith(root));
  return useful.filter(({ path }) => isModelPart(path) || (!isScan(path) && isBelow(path)));
}

/** The model among dropped files. */
export interface FoundModel {
  readonly manifest: NamedFile;
  /** MODEL_CARD.md, where there is one. */
  readonly card: Blob | null;
  /** The weights file that model.json names. @throws ModelError('model-file-missing') */
  file(shard: Shard): Blob;
}

/** @throws ModelError('no-manifest' | 'checkpoint-only' | 'several-models') */
export function findModel(files: readonly NamedFile[]): FoundModel {
  const useful = files.filter(({ path }) => !isLitter(path));
  const names = useful.map(({ path }) => baseName(path));
  const manifests = useful.filter(({ path }) => baseName(path) === MANIFEST);
  if (manifests.length === 0) throw noManifest(names);
  if (manifests.length > 1) {
    const paths = manifests.map(({ path }) => path).join(', ');
    throw new ModelError('several-models', { count: manifests.length, paths });
  }
  const [manifest] = manifests;
  const folder = folderOf(manifest.path);
  const named = (name: string) => useful.find(({ path }) => path === folder + name)?.file;
  return {
    manifest,
    card: named(CARD) ?? null,
    file({ file }) {
      const found = named(file);
      if (found) return found;
      const others = names.filter((name) => name !== MANIFEST);
      const given =
        others.length > 0 ? message('only-these-came', { names: list(others) }) : message('nothing-else-came');
      throw new ModelError('model-file-missing', { file, given });
    },
  };
}

/** At most four names. */
const list = (names: readonly string[]): Parameter =>
  names.length <= 4
    ? names.join(', ')
    : message('names-and-more', { names: names.slice(0, 3).join(', '), count: names.length - 3 });

function noManifest(names: readonly string[]): ModelError {
  const checkpoint = names.find(isCheckpoint);
  if (checkpoint && !names.some((name) => /\.onnx/i.test(name))) {
    return new ModelError('checkpoint-only', { checkpoint });
  }
  const where = names.length > 0 ? message('among-these', { names: list(names) }) : message('in-it');
  return new ModelError('no-manifest', { where });
}
