/**
 * Voxels whose first largest class is not 0, and the sum of 1 - p[0] over them.
 * @param p (V, classes)
 */
export function certaintyReference(p: ArrayLike<number>, classes: number): { labelled: number; certainty: number } {
  let [labelled, certainty] = [0, 0];
  for (let v = 0; v < p.length / classes; v++) {
    const own = Array.from({ length: classes }, (_, c) => p[v * classes + c]);
    if (own.indexOf(Math.max(...own)) === 0) continue;
    labelled++;
    certainty += 1 - own[0];
  }
  return { labelled, certainty };
}
