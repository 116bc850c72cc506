import { afterEach, describe, expect, it, vi } from 'vitest';
import { afterFirstPaint } from './afterFirstPaint';

afterEach(() => vi.unstubAllGlobals());

describe('work after the first paint', () => {
  it('is done once something is on the screen, and once only', async () => {
    const work = vi.fn();
    document.body.append('Something to see');
    afterFirstPaint(work);
    expect(work).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(work).toHaveBeenCalledOnce());
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(work).toHaveBeenCalledOnce();
  });

  it('is done at once where the browser does not tell of paints', () => {
    vi.stubGlobal('PerformanceObserver', { supportedEntryTypes: ['mark'] });
    const work = vi.fn();
    afterFirstPaint(work);
    expect(work).toHaveBeenCalledOnce();
  });
});
