/**
 * Safari has no `Symbol.dispose`: there `[Symbol.dispose]()` would name a method "undefined", and `using` would find
 * none. Modules with a class that has such a method import this one first.
 */

/** @param symbol the global Symbol; a test gives one of its own */
export function ensureDispose(symbol: object): void {
  if (!('dispose' in symbol)) Object.defineProperty(symbol, 'dispose', { value: Symbol('Symbol.dispose') });
}

ensureDispose(Symbol);
