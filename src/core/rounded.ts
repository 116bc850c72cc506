/** Numbers in sentences for people: four significant digits, no trailing zeros, "1e-8" where that is shorter. */
export const rounded = (value: number): string => String(Number(value.toPrecision(4)));

/** "0.9766 x 0.9766 x 3.27" */
export const roundedTriple = (values: readonly number[]): string => values.map(rounded).join(' x ');

/** A distance: "10.8", and "1e+30" where a header is damaged. */
export const millimetres = (value: number): string => (value < 1e6 ? value.toFixed(1) : rounded(value));
