// ring.wgsl — averaged probabilities, (RING, rows, W, GROUPS) vec4: plane z of the grid at z modulo RING.
//
// ring.ts declares the binding `ring`, load_ring and store_ring in front of this. Channels from CLASSES on are no classes.
const LOWEST = -3.4e38;

// Which of a group's four channels are classes.
fn isClass(group: u32) -> vec4<bool> { return vec4u(group * 4u) + vec4u(0u, 1u, 2u, 3u) < vec4u(CLASSES); }
