/** What a screenshot of a pane shows. */

/** Where a picture's bright pixels are, as fractions of the pane: (0, 0) top left, (1, 1) bottom right. */
export interface BrightSpot {
  readonly x: number;
  readonly y: number;
  readonly pixels: number;
}

/** A pane's pixels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: (x: number, y: number) => number[];
}

/** The middle of what is bright in the green channel. */
export function brightSpot({ width, height, rgb }: Picture): BrightSpot {
  let [sumX, sumY, pixels] = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (rgb(x, y)[1] < 128) continue;
      sumX += x;
      sumY += y;
      pixels++;
    }
  }
  return { x: sumX / pixels / width, y: sumY / pixels / height, pixels };
}
