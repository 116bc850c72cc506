/**
 * The textures of all sources, by id: each is uploaded once, is shared by every layer that shows it, and freed when its
 * source goes.
 */
import type { Data3DTexture, WebGLRenderer } from 'three';
import type { LabelMapId, ScanId } from '../../study/document';
import type { LabelSource, ScanSource } from '../layers/sources';
import { type HalfCoding, halfCoding, halfEncoder } from './halfFloat';
import { LabelTexture, type Told } from './labelTexture';
import { createIntensityTexture, requireTextureFits, uploadSlabs } from './volumeTexture';

export interface ScanTexture {
  readonly texture: Data3DTexture;
  readonly coding: HalfCoding;
}

export class SourceTextures {
  private readonly scans = new Map<ScanId, ScanTexture & { readonly ended: AbortController }>();
  private readonly labelMaps = new Map<LabelMapId, LabelTexture>();

  constructor(
    private readonly gl: WebGLRenderer,
    private readonly told: Told,
  ) {}

  scan(id: ScanId): ScanTexture | null {
    return this.scans.get(id) ?? null;
  }

  labelMap(id: LabelMapId): LabelTexture | null {
    return this.labelMaps.get(id) ?? null;
  }

  /**
   * Uploads a scan, slab by slab. It can be drawn at once: black where nothing has arrived yet.
   * @returns whether all of it has arrived; false when it was freed meanwhile
   * @throws UnsupportedDeviceError when the scan is larger than a 3-D texture may be; nothing is drawn then
   */
  async addScan({ id, grid, data, intensity }: ScanSource): Promise<boolean> {
    this.requireFits(grid.dimsXyz);
    const texture = createIntensityTexture(grid.dimsXyz);
    const coding = halfCoding(intensity);
    const ended = new AbortController();
    this.scans.set(id, { texture, coding, ended });
    return uploadSlabs(this.gl, texture, (n) => new Uint16Array(n), halfEncoder(data, coding), ended.signal);
  }

  /** Uploads a label map, or what of it has changed. @throws UnsupportedDeviceError as addScan */
  setLabelMap(source: LabelSource): void {
    const known = this.labelMaps.get(source.id);
    if (known) {
      known.update(source);
      return;
    }
    this.requireFits(source.grid.dimsXyz);
    this.labelMaps.set(source.id, new LabelTexture(this.gl, source, this.told));
  }

  /** Frees all but these. */
  keepOnly(ids: ReadonlySet<ScanId | LabelMapId>): void {
    for (const [id, { texture, ended }] of this.scans) {
      if (ids.has(id)) continue;
      ended.abort();
      texture.dispose();
      this.scans.delete(id);
    }
    for (const [id, texture] of this.labelMaps) {
      if (ids.has(id)) continue;
      texture.dispose();
      this.labelMaps.delete(id);
    }
  }

  private requireFits(dimsXyz: readonly [number, number, number]): void {
    const context = this.gl.getContext() as WebGL2RenderingContext;
    requireTextureFits(dimsXyz, context.getParameter(context.MAX_3D_TEXTURE_SIZE));
  }
}
