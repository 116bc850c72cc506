/** The one shader of the viewer: a slice of the intensity texture, windowed, with the labels drawn over it. */

export const sliceVertexShader = /* glsl */ `
out vec2 vPane;

// One triangle that covers the viewport; vPane is (0,0) in the pane's lower left corner, (1,1) in the upper right.
void main() {
  vPane = position.xy * 0.5 + 0.5;
  gl_Position = vec4(position.xy, 0.0, 1.0);
}
`;

export const sliceFragmentShader = /* glsl */ `
precision highp float;
precision highp sampler3D;
precision highp usampler3D;

in vec2 vPane;
out vec4 outColor;

uniform sampler3D uIntensity;   // R16F, stored = (value - offset) / scale
uniform usampler3D uLabels;     // R8UI, one label id per voxel
uniform sampler2D uColors;      // 256 x 1 RGBA8, alpha 0 = not drawn
// Texture coordinate of a point of the pane: uOrigin + vPane.x * uAcross + vPane.y * uUp.
uniform vec3 uOrigin;
uniform vec3 uAcross;
uniform vec3 uUp;
uniform vec2 uPaneSize;         // device pixels
uniform vec2 uWindow;           // stored units: black, 1 / (white - black)
uniform float uInvert;
uniform float uFill;            // 0 .. 1
uniform float uOutline;         // 0 .. 1
uniform float uOutlineWidth;    // device pixels

bool inside(vec3 t) {
  return all(greaterThanEqual(t, vec3(0.0))) && all(lessThan(t, vec3(1.0)));
}

// 0 outside the scan and for labels that are not drawn: a hidden neighbour makes a border, like background.
uint drawnLabel(vec2 pane) {
  vec3 t = uOrigin + pane.x * uAcross + pane.y * uUp;
  if (!inside(t)) return 0u;
  ivec3 size = textureSize(uLabels, 0);
  uint label = texelFetch(uLabels, min(ivec3(t * vec3(size)), size - 1), 0).r;
  return texelFetch(uColors, ivec2(int(label), 0), 0).a > 0.5 ? label : 0u;
}

bool onBorder(uint label) {
  vec2 reach = uOutlineWidth / uPaneSize;
  vec2 diagonal = reach * 0.7071;
  return drawnLabel(vPane + vec2(reach.x, 0.0)) != label || drawnLabel(vPane - vec2(reach.x, 0.0)) != label ||
    drawnLabel(vPane + vec2(0.0, reach.y)) != label || drawnLabel(vPane - vec2(0.0, reach.y)) != label ||
    drawnLabel(vPane + diagonal) != label || drawnLabel(vPane - diagonal) != label ||
    drawnLabel(vPane + vec2(diagonal.x, -diagonal.y)) != label || drawnLabel(vPane + vec2(-diagonal.x, diagonal.y)) != label;
}

void main() {
  vec3 t = uOrigin + vPane.x * uAcross + vPane.y * uUp;
  if (!inside(t)) {
    outColor = vec4(0.0, 0.0, 0.0, 1.0);
    return;
  }
  float grey = clamp((texture(uIntensity, t).r - uWindow.x) * uWindow.y, 0.0, 1.0);
  vec3 color = vec3(abs(uInvert - grey));
  if (uFill > 0.0 || uOutline > 0.0) {
    uint label = drawnLabel(vPane);
    if (label != 0u) {
      vec3 tint = texelFetch(uColors, ivec2(int(label), 0), 0).rgb;
      float opacity = uOutline > 0.0 && onBorder(label) ? uOutline : uFill;
      color = mix(color, tint, opacity);
    }
  }
  outColor = vec4(color, 1.0);
}
`;
