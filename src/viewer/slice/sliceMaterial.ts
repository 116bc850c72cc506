/** The shader of slices as three.js materials, and their uniforms by name. */
import { GLSL3, ShaderMaterial, type Texture, Vector2, Vector3 } from 'three';
import { sliceFragmentShader, sliceVertexShader } from './sliceShader';

/** Every device has 16 texture units: one for the scan, two for each layer with masks. Those further down are left out. */
export const MOST_LABEL_LAYERS = 7;

/** A material that draws so many layers with masks over a scan. */
export function createSliceMaterial(labelLayers: number): ShaderMaterial {
  const uniforms: Record<string, { value: unknown }> = {
    uIntensity: { value: null },
    uOrigin: { value: new Vector3() },
    uAcross: { value: new Vector3() },
    uUp: { value: new Vector3() },
    uPaneSize: { value: new Vector2() },
    uWindow: { value: new Vector2() },
    uInvert: { value: 0 },
    uOpacity: { value: 1 },
    uOutlineWidth: { value: 1 },
  };
  for (let layer = 0; layer < labelLayers; layer++) {
    uniforms[`uLabels${layer}`] = { value: null };
    uniforms[`uColors${layer}`] = { value: null };
    uniforms[`uFill${layer}`] = { value: 0 };
    uniforms[`uOutline${layer}`] = { value: 0 };
  }
  return new ShaderMaterial({
    glslVersion: GLSL3,
    vertexShader: sliceVertexShader,
    fragmentShader: sliceFragmentShader(labelLayers),
    depthTest: false,
    depthWrite: false,
    uniforms,
  });
}

/** A layer with masks as the shader takes it. */
export interface DrawnLabels {
  readonly labels: Texture;
  /** Filled from `colorTable`. */
  readonly colors: Texture;
  /** 0 .. 1 */
  readonly fill: number;
  readonly outline: number;
}

export function setLabelUniforms({ uniforms }: ShaderMaterial, layer: number, drawn: DrawnLabels): void {
  uniforms[`uLabels${layer}`].value = drawn.labels;
  uniforms[`uColors${layer}`].value = drawn.colors;
  uniforms[`uFill${layer}`].value = drawn.fill;
  uniforms[`uOutline${layer}`].value = drawn.outline;
}
