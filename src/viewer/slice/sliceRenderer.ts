/** Draws slices of one scan into any number of panes of one canvas, with three.js on WebGL2. Knows no React, no events. */
import {
  BufferAttribute,
  BufferGeometry,
  type Data3DTexture,
  DataTexture,
  GLSL3,
  Mesh,
  NearestFilter,
  OrthographicCamera,
  RGBAFormat,
  Scene,
  ShaderMaterial,
  UnsignedByteType,
  Vector2,
  Vector3,
  WebGLRenderer,
} from 'three';
import { UnsupportedDeviceError } from '../../core/errors';
import type { Triple, VoxelArray } from '../../volume/grid';
import { TABLE_SIZE } from '../layers/labelColors';
import type { GreyWindow, IntensityStats } from '../layers/windowLevel';
import { type HalfCoding, halfCoding, halfEncoder } from '../textures/halfFloat';
import {
  createIntensityTexture,
  createLabelTexture,
  requireTextureFits,
  type TextureBox,
  uploadSlabs,
} from '../textures/volumeTexture';
import type { SampledPlane } from './sliceGeometry';
import { sliceFragmentShader, sliceVertexShader } from './sliceShader';

/** A pane's place in the canvas, CSS pixels from the top left. */
export interface PaneRect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface PaneToDraw {
  readonly rect: PaneRect;
  readonly plane: SampledPlane;
}

/** How every pane is drawn. */
export interface SliceStyle {
  readonly window: GreyWindow;
  readonly invert: boolean;
  /** 0 .. 1 */
  readonly fill: number;
  readonly outline: number;
}

const OUTLINE_CSS_PX = 1.5;

export class SliceRenderer {
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new OrthographicCamera(-1, 1, 1, -1, 0, 1);
  private readonly geometry = new BufferGeometry();
  private readonly material: ShaderMaterial;
  private readonly colors = new DataTexture(
    new Uint8Array(TABLE_SIZE * 4),
    TABLE_SIZE,
    1,
    RGBAFormat,
    UnsignedByteType,
  );
  /** Stands for "no labels": every voxel is background. */
  private readonly noLabels = createLabelTexture([1, 1, 1]);
  private intensity: Data3DTexture | null = null;
  private labels: Data3DTexture | null = null;
  /** Masks in the making: drawn instead of `labels`, which stay until there is something better. */
  private unfinished: Data3DTexture | null = null;
  private coding: HalfCoding = { offset: 0, scale: 1 };

  /** @throws UnsupportedDeviceError when the browser offers no WebGL2 */
  constructor(private readonly canvas: HTMLCanvasElement) {
    try {
      this.renderer = new WebGLRenderer({ canvas, antialias: false, depth: false, stencil: false, alpha: false });
    } catch (cause) {
      throw new UnsupportedDeviceError('no-webgl2', {}, { cause });
    }
    this.renderer.autoClear = false;
    this.geometry.setAttribute('position', new BufferAttribute(new Float32Array([-1, -1, 0, 3, -1, 0, -1, 3, 0]), 3));
    this.colors.minFilter = this.colors.magFilter = NearestFilter;
    this.noLabels.image.data = new Uint8Array(1);
    this.noLabels.source.dataReady = true;
    this.material = new ShaderMaterial({
      glslVersion: GLSL3,
      vertexShader: sliceVertexShader,
      fragmentShader: sliceFragmentShader,
      depthTest: false,
      depthWrite: false,
      uniforms: {
        uIntensity: { value: null },
        uLabels: { value: this.noLabels },
        uColors: { value: this.colors },
        uOrigin: { value: new Vector3() },
        uAcross: { value: new Vector3() },
        uUp: { value: new Vector3() },
        uPaneSize: { value: new Vector2() },
        uWindow: { value: new Vector2() },
        uInvert: { value: 0 },
        uFill: { value: 0 },
        uOutline: { value: 0 },
        uOutlineWidth: { value: 1 },
      },
    });
    const mesh = new Mesh(this.geometry, this.material);
    mesh.frustumCulled = false;
    this.scene.add(mesh);
  }

  /**
   * Replaces the scan, slab by slab; labels of the one before are gone.
   * @param data in stored order, x fastest
   * @returns false when `signal` ended it early
   * @throws UnsupportedDeviceError when the scan is larger than a 3-D texture may be; nothing is drawn then
   */
  async setIntensities(
    data: VoxelArray,
    dimsXyz: Triple,
    stats: IntensityStats,
    signal: AbortSignal,
  ): Promise<boolean> {
    // The old texture goes first: drawn with the new scan's geometry it would be a wrong picture.
    this.intensity?.dispose();
    this.intensity = null;
    this.clearLabels();
    requireTextureFits(dimsXyz, this.maxTextureSize);
    const texture = createIntensityTexture(dimsXyz);
    this.intensity = texture;
    this.coding = halfCoding(stats);
    return uploadSlabs(this.renderer, texture, (n) => new Uint16Array(n), halfEncoder(data, this.coding), signal);
  }

  /** @param data one label per voxel of the scan, in stored order */
  async setLabels(data: Uint8Array, dimsXyz: Triple, signal: AbortSignal): Promise<boolean> {
    requireTextureFits(dimsXyz, this.maxTextureSize);
    const texture = createLabelTexture(dimsXyz);
    const copy = (from: number, out: Uint8Array) => out.set(data.subarray(from, from + out.length));
    const complete = await uploadSlabs(this.renderer, texture, (n) => new Uint8Array(n), copy, signal);
    if (!complete) {
      texture.dispose();
      return false;
    }
    this.clearLabels();
    this.labels = texture;
    return true;
  }

  clearLabels(): void {
    this.labels?.dispose();
    this.labels = null;
    this.dropUnfinishedLabels();
  }

  /**
   * Draws a part of masks in the making instead of the masks that are there; what was not added is background.
   * @param data one label per voxel of the whole scan, in stored order
   * @param box what of it to add; the upload is as large as this
   */
  async addLabels(data: Uint8Array, dimsXyz: Triple, box: TextureBox, signal: AbortSignal): Promise<boolean> {
    requireTextureFits(dimsXyz, this.maxTextureSize);
    this.unfinished ??= createLabelTexture(dimsXyz);
    const [nx, ny] = dimsXyz;
    const [x0, y0, z0] = box.startXyz;
    const [bx, by] = box.dimsXyz;
    const copy = (from: number, out: Uint8Array) => {
      for (let row = 0; row < out.length; row += bx) {
        const at = (from + row) / bx;
        const voxel = x0 + nx * (y0 + (at % by) + ny * (z0 + Math.floor(at / by)));
        out.set(data.subarray(voxel, voxel + bx), row);
      }
    };
    return uploadSlabs(this.renderer, this.unfinished, (n) => new Uint8Array(n), copy, signal, box);
  }

  /** Draws the finished masks again, if there are any. */
  dropUnfinishedLabels(): void {
    this.unfinished?.dispose();
    this.unfinished = null;
  }

  /** @param table from `colorTable` */
  setColors(table: Uint8Array): void {
    (this.colors.image.data as Uint8Array).set(table);
    this.colors.needsUpdate = true;
  }

  get maxTextureSize(): number {
    const gl = this.renderer.getContext() as WebGL2RenderingContext;
    return gl.getParameter(gl.MAX_3D_TEXTURE_SIZE);
  }

  /** Clears the canvas to black and draws the panes. Sizes follow the canvas element and the display's pixel ratio. */
  draw(panes: readonly PaneToDraw[], style: SliceStyle): void {
    const { renderer, canvas } = this;
    const ratio = window.devicePixelRatio;
    const wanted = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (canvas.width !== wanted[0] || canvas.height !== wanted[1] || renderer.getPixelRatio() !== ratio) {
      renderer.setPixelRatio(ratio);
      renderer.setSize(canvas.clientWidth, canvas.clientHeight, false);
    }
    renderer.setScissorTest(false);
    renderer.setClearColor(0x000000, 1);
    renderer.clear();
    if (!this.intensity) return;
    const u = this.material.uniforms;
    const { offset, scale } = this.coding;
    const black = style.window.center - style.window.width / 2;
    u.uIntensity.value = this.intensity;
    const labels = this.unfinished ?? this.labels;
    u.uLabels.value = labels ?? this.noLabels;
    u.uWindow.value.set((black - offset) / scale, scale / style.window.width);
    u.uInvert.value = style.invert ? 1 : 0;
    u.uFill.value = labels ? style.fill : 0;
    u.uOutline.value = labels ? style.outline : 0;
    u.uOutlineWidth.value = OUTLINE_CSS_PX * ratio;
    renderer.setScissorTest(true);
    for (const { rect, plane } of panes) {
      const bottom = canvas.clientHeight - rect.top - rect.height;
      renderer.setViewport(rect.left, bottom, rect.width, rect.height);
      renderer.setScissor(rect.left, bottom, rect.width, rect.height);
      u.uOrigin.value.set(...plane.origin);
      u.uAcross.value.set(...plane.across);
      u.uUp.value.set(...plane.up);
      u.uPaneSize.value.set(rect.width * ratio, rect.height * ratio);
      this.material.uniformsNeedUpdate = true;
      renderer.render(this.scene, this.camera);
    }
  }

  /** Frees all GPU memory. */
  dispose(): void {
    this.intensity?.dispose();
    this.clearLabels();
    this.noLabels.dispose();
    this.colors.dispose();
    this.geometry.dispose();
    this.material.dispose();
    this.renderer.dispose();
  }
}
