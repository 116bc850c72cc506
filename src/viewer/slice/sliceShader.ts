/** The shader of slices: the intensity texture, windowed, with any number of label textures drawn over it. */

export const sliceVertexShader = /* glsl */ `
out vec2 vPane;

// One triangle that covers the viewport; vPane is (0,0) in the pane's lower left corner, (1,1) in the upper right.
void main() {
  vPane = position.xy * 0.5 + 0.5;
  gl_Position = vec4(position.xy, 0.0, 1.0);
}
`;

const HEAD = /* glsl */ `
precision highp float;
precision highp sampler3D;
precision highp usampler3D;

in vec2 vPane;
out vec4 outColor;

uniform sampler3D uIntensity;   // R16F, stored = (value - offset) / scale
// Texture coordinate of a point of the pane: uOrigin + vPane.x * uAcross + vPane.y * uUp.
uniform vec3 uOrigin;
uniform vec3 uAcross;
uniform vec3 uUp;
uniform vec2 uPaneSize;         // device pixels
uniform vec2 uWindow;           // stored units: black, 1 / (white - black)
uniform float uInvert;
uniform float uOpacity;         // of the scan over black, 0 .. 1
uniform float uOutlineWidth;    // device pixels

bool inside(vec3 t) {
  return all(greaterThanEqual(t, vec3(0.0))) && all(lessThan(t, vec3(1.0)));
}
`;

/** GLSL picks no sampler by a variable: every label layer has functions of its own. */
const layerFunctions = (layer: number) => /* glsl */ `
uniform usampler3D uLabels${layer};   // R8UI, one label id per voxel
uniform sampler2D uColors${layer};    // 256 x 1 RGBA8, alpha 0 = not drawn
uniform float uFill${layer};          // 0 .. 1
uniform float uOutline${layer};       // 0 .. 1

// 0 outside the scan and for labels that are not drawn: a hidden neighbour makes a border, like background.
uint drawnLabel${layer}(vec2 pane) {
  vec3 t = uOrigin + pane.x * uAcross + pane.y * uUp;
  if (!inside(t)) return 0u;
  ivec3 size = textureSize(uLabels${layer}, 0);
  uint label = texelFetch(uLabels${layer}, min(ivec3(t * vec3(size)), size - 1), 0).r;
  return texelFetch(uColors${layer}, ivec2(int(label), 0), 0).a > 0.5 ? label : 0u;
}

bool onBorder${layer}(uint label) {
  vec2 reach = uOutlineWidth / uPaneSize;
  vec2 diagonal = reach * 0.7071;
  return drawnLabel${layer}(vPane + vec2(reach.x, 0.0)) != label ||
    drawnLabel${layer}(vPane - vec2(reach.x, 0.0)) != label ||
    drawnLabel${layer}(vPane + vec2(0.0, reach.y)) != label ||
    drawnLabel${layer}(vPane - vec2(0.0, reach.y)) != label ||
    drawnLabel${layer}(vPane + diagonal) != label || drawnLabel${layer}(vPane - diagonal) != label ||
    drawnLabel${layer}(vPane + vec2(diagonal.x, -diagonal.y)) != label ||
    drawnLabel${layer}(vPane + vec2(-diagonal.x, diagonal.y)) != label;
}

vec3 withLabels${layer}(vec3 color) {
  uint label = drawnLabel${layer}(vPane);
  if (label == 0u) return color;
  vec3 tint = texelFetch(uColors${layer}, ivec2(int(label), 0), 0).rgb;
  return mix(color, tint, uOutline${layer} > 0.0 && onBorder${layer}(label) ? uOutline${layer} : uFill${layer});
}
`;

/** @param labelLayers how many, drawn over the scan in their order */
export function sliceFragmentShader(labelLayers: number): string {
  const layers = Array.from({ length: labelLayers }, (_, layer) => layer);
  return /* glsl */ `${HEAD}${layers.map(layerFunctions).join('')}
void main() {
  vec3 t = uOrigin + vPane.x * uAcross + vPane.y * uUp;
  if (!inside(t)) {
    outColor = vec4(0.0, 0.0, 0.0, 1.0);
    return;
  }
  float grey = clamp((texture(uIntensity, t).r - uWindow.x) * uWindow.y, 0.0, 1.0);
  vec3 color = vec3(abs(uInvert - grey)) * uOpacity;
${layers.map((layer) => `  color = withLabels${layer}(color);`).join('\n')}
  outColor = vec4(color, 1.0);
}
`;
}
