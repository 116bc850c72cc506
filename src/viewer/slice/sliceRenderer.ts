/** Draws slices into any number of viewports of one canvas, with three.js on WebGL2. Knows no React, no events, no ids. */
import {
  BufferAttribute,
  BufferGeometry,
  Mesh,
  OrthographicCamera,
  Scene,
  type ShaderMaterial,
  type Texture,
  WebGLRenderer,
} from 'three';
import { UnsupportedDeviceError } from '../../core/errors';
import type { SampledPlane } from '../geometry/sliceGeometry';
import type { GreyWindow } from '../layers/greyWindow';
import type { HalfCoding } from '../textures/halfFloat';
import { createSliceMaterial, type DrawnLabels, MOST_LABEL_LAYERS, setLabelUniforms } from './sliceMaterial';

/** A place in the canvas, CSS pixels from the top left. */
export interface CanvasRect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A scan as the shader takes it. */
export interface DrawnScan {
  readonly texture: Texture;
  readonly coding: HalfCoding;
  readonly window: GreyWindow;
  readonly invert: boolean;
  /** 0 .. 1 */
  readonly opacity: number;
}

export interface DrawnSlice {
  readonly rect: CanvasRect;
  readonly plane: SampledPlane;
  readonly scan: DrawnScan;
  /** From the bottom up, on the grid of the scan. */
  readonly masks: readonly DrawnLabels[];
}

const OUTLINE_CSS_PX = 1.5;

export class SliceRenderer {
  readonly gl: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new OrthographicCamera(-1, 1, 1, -1, 0, 1);
  private readonly geometry = new BufferGeometry();
  private readonly mesh: Mesh<BufferGeometry, ShaderMaterial>;
  /** By the number of layers with masks. */
  private readonly materials = new Map<number, ShaderMaterial>();

  /** @throws UnsupportedDeviceError when the browser offers no WebGL2 */
  constructor(private readonly canvas: HTMLCanvasElement) {
    try {
      this.gl = new WebGLRenderer({ canvas, antialias: false, depth: false, stencil: false, alpha: false });
    } catch (cause) {
      throw new UnsupportedDeviceError('no-webgl2', {}, { cause });
    }
    this.gl.autoClear = false;
    this.geometry.setAttribute('position', new BufferAttribute(new Float32Array([-1, -1, 0, 3, -1, 0, -1, 3, 0]), 3));
    this.mesh = new Mesh(this.geometry, this.materialFor(0));
    this.mesh.frustumCulled = false;
    this.scene.add(this.mesh);
  }

  /** Clears the canvas to black and draws slices. Sizes follow the canvas element and the display's pixel ratio. */
  draw(slices: readonly DrawnSlice[]): void {
    const { gl, canvas } = this;
    const ratio = window.devicePixelRatio;
    const wanted = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (canvas.width !== wanted[0] || canvas.height !== wanted[1] || gl.getPixelRatio() !== ratio) {
      gl.setPixelRatio(ratio);
      gl.setSize(canvas.clientWidth, canvas.clientHeight, false);
    }
    gl.setScissorTest(false);
    gl.setClearColor(0x000000, 1);
    gl.clear();
    gl.setScissorTest(true);
    for (const { rect, plane, scan, masks } of slices) {
      const bottom = canvas.clientHeight - rect.top - rect.height;
      gl.setViewport(rect.left, bottom, rect.width, rect.height);
      gl.setScissor(rect.left, bottom, rect.width, rect.height);
      const drawn = masks.slice(-MOST_LABEL_LAYERS);
      const material = this.materialFor(drawn.length);
      const u = material.uniforms;
      const { offset, scale } = scan.coding;
      const black = scan.window.center - scan.window.width / 2;
      u.uIntensity.value = scan.texture;
      u.uWindow.value.set((black - offset) / scale, scale / scan.window.width);
      u.uInvert.value = scan.invert ? 1 : 0;
      u.uOpacity.value = scan.opacity;
      u.uOrigin.value.set(...plane.origin);
      u.uAcross.value.set(...plane.across);
      u.uUp.value.set(...plane.up);
      u.uPaneSize.value.set(rect.width * ratio, rect.height * ratio);
      u.uOutlineWidth.value = OUTLINE_CSS_PX * ratio;
      for (const [layer, one] of drawn.entries()) setLabelUniforms(material, layer, one);
      material.uniformsNeedUpdate = true;
      this.mesh.material = material;
      gl.render(this.scene, this.camera);
    }
  }

  private materialFor(labelLayers: number): ShaderMaterial {
    const material = this.materials.get(labelLayers) ?? createSliceMaterial(labelLayers);
    this.materials.set(labelLayers, material);
    return material;
  }

  /** Frees the GPU memory that is its own; textures are not. */
  dispose(): void {
    this.geometry.dispose();
    for (const material of this.materials.values()) material.dispose();
    this.gl.dispose();
  }
}
