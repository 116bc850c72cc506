/** The labels and colours of one label map on the GPU, kept up to date box by box. */
import {
  type Data3DTexture,
  DataTexture,
  NearestFilter,
  RGBAFormat,
  UnsignedByteType,
  type WebGLRenderer,
} from 'three';
import type { LabelDefinition } from '../../study/document';
import { type Box, joinBoxes, wholeBox } from '../../volume/box';
import type { Triple } from '../../volume/grid';
import { colorTable, TABLE_SIZE } from '../layers/labelColors';
import type { LabelSource } from '../layers/sources';
import { createLabelTexture, uploadSlabs } from './volumeTexture';

/** Who hears of uploads, which end long after the call that asked for them. */
export interface Told {
  /** Everything that has changed so far is on the GPU. */
  onUploaded(): void;
  onError(error: unknown): void;
}

export class LabelTexture {
  readonly labels: Data3DTexture;
  readonly colors = new DataTexture(new Uint8Array(TABLE_SIZE * 4), TABLE_SIZE, 1, RGBAFormat, UnsignedByteType);
  /** Whether all voxels have been on the GPU at least once. */
  complete = false;
  private readonly ended = new AbortController();
  private readonly dimsXyz: Triple;
  private data: Uint8Array;
  private revision: number;
  /** What has changed since it was uploaded. */
  private dirty: Box | null = null;
  private uploading = false;
  private colorsOf: readonly unknown[] = [];

  constructor(
    private readonly gl: WebGLRenderer,
    source: LabelSource,
    private readonly told: Told,
  ) {
    this.dimsXyz = source.grid.dimsXyz;
    this.data = source.data;
    this.revision = source.revision;
    this.labels = createLabelTexture(this.dimsXyz);
    this.colors.minFilter = this.colors.magFilter = NearestFilter;
    // Fresh textures are zero, that is background.
    this.complete = source.changed !== undefined;
    this.markDirty(source.changed ?? wholeBox(this.dimsXyz));
  }

  /** Uploads what has changed; nothing where the revision is the same. */
  update({ data, revision, changed }: LabelSource): void {
    if (revision === this.revision) return;
    const next = revision === this.revision + 1 && changed ? changed : wholeBox(this.dimsXyz);
    this.data = data;
    this.revision = revision;
    this.markDirty(next);
  }

  setColors(labels: readonly LabelDefinition[], hidden: ReadonlySet<number>): void {
    if (this.colorsOf[0] === labels && this.colorsOf[1] === hidden) return;
    this.colorsOf = [labels, hidden];
    (this.colors.image.data as Uint8Array).set(colorTable(labels, hidden));
    this.colors.needsUpdate = true;
  }

  private markDirty(box: Box): void {
    this.dirty = this.dirty ? joinBoxes(this.dirty, box) : box;
    if (!this.uploading) this.upload().catch((error) => this.told.onError(error));
  }

  /** One box after another, so that an edit is not overtaken by the older voxels of a large upload. */
  private async upload(): Promise<void> {
    this.uploading = true;
    while (this.dirty) {
      const box = this.dirty;
      this.dirty = null;
      const copy = (from: number, out: Uint8Array) => copyFromBox(this.data, this.dimsXyz, box, from, out);
      try {
        const whole = await uploadSlabs(this.gl, this.labels, (n) => new Uint8Array(n), copy, this.ended.signal, box);
        if (!whole) return;
      } catch (error) {
        // What did not arrive goes with the next revision.
        this.dirty = this.dirty ? joinBoxes(this.dirty, box) : box;
        this.uploading = false;
        throw error;
      }
    }
    this.uploading = false;
    this.complete = true;
    this.told.onUploaded();
  }

  dispose(): void {
    this.ended.abort();
    this.labels.dispose();
    this.colors.dispose();
  }
}

/**
 * Copies voxels [from, from + out.length) of a box, counted x first within it.
 * @param data of the whole volume, in stored order
 */
export function copyFromBox(data: Uint8Array, [nx, ny]: Triple, box: Box, from: number, out: Uint8Array): void {
  const [x0, y0, z0] = box.startXyz;
  const [bx, by] = box.dimsXyz;
  if (bx === nx && by === ny) {
    const start = nx * ny * z0 + from;
    out.set(data.subarray(start, start + out.length));
    return;
  }
  for (let row = 0; row < out.length; row += bx) {
    const at = (from + row) / bx;
    const voxel = x0 + nx * (y0 + (at % by) + ny * (z0 + Math.floor(at / by)));
    out.set(data.subarray(voxel, voxel + bx), row);
  }
}
