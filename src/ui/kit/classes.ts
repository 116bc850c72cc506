/** Class names that apply, joined for an element. @example classes('a', wide && 'b') // 'a b' or 'a' */
export const classes = (...names: readonly (string | false | null | undefined)[]): string =>
  names.filter(Boolean).join(' ');
