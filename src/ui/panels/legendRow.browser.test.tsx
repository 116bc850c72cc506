import { expect, it, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { LegendRow } from './legendRow';

const kidneys = { key: 'region-0', name: 'kidneys', color: [1, 2, 3] as const, ids: [2, 3] };

it('a row shows, hides and isolates its structures, and says when only some are shown', async () => {
  const dispatch = vi.fn();
  const row = (shown: number) => (
    <table>
      <tbody>
        <LegendRow listed={kidneys} ml={0.02} drawn shown={shown} viewer={{ dispatch }} />
      </tbody>
    </table>
  );
  const screen = await render(row(2));
  const eye = screen.getByRole('button', { name: 'Show kidneys' });
  await expect.element(eye).toHaveAttribute('aria-pressed', 'true');
  await expect.element(screen.getByRole('cell', { name: '< 0.1' })).toBeVisible();
  await eye.click();
  expect(dispatch).toHaveBeenLastCalledWith({ kind: 'toggle-label', ids: [2, 3] });
  await eye.click({ modifiers: ['Alt'] });
  expect(dispatch).toHaveBeenLastCalledWith({ kind: 'solo-label', ids: [2, 3] });
  dispatch.mockClear();
  screen.getByRole('button', { name: 'Show only kidneys' }).element().focus();
  await userEvent.keyboard('{Enter}');
  expect(dispatch).toHaveBeenLastCalledWith({ kind: 'solo-label', ids: [2, 3] });
  await screen.rerender(row(1));
  await expect.element(eye).toHaveAttribute('aria-pressed', 'mixed');
});
