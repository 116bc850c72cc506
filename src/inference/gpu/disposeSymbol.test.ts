import { describe, expect, it } from 'vitest';
import { ensureDispose } from './disposeSymbol';

describe('ensureDispose', () => {
  it('gives a browser without the symbol one, once', () => {
    const symbol: { dispose?: symbol } = {};
    ensureDispose(symbol);
    const added = symbol.dispose;
    expect(typeof added).toBe('symbol');
    ensureDispose(symbol);
    expect(symbol.dispose).toBe(added);
  });

  it("leaves a browser's own alone", () => {
    const own = Symbol('own');
    const symbol = { dispose: own };
    ensureDispose(symbol);
    expect(symbol.dispose).toBe(own);
  });
});
