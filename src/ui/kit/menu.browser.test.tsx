import { expect, it, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { Menu } from './menu';

it('opens, is gone through and chosen from by keyboard alone, and gives the focus back', async () => {
  const [models, keys] = [vi.fn(), vi.fn()];
  const screen = await render(
    <Menu
      name="Menu"
      entries={[
        { id: 'models', title: 'Models', onAction: models, isDisabled: true },
        { id: 'keys', title: 'Keys', onAction: keys },
      ]}
    />,
  );
  await userEvent.tab();
  await userEvent.keyboard('{Enter}');
  await expect.element(screen.getByRole('menuitem', { name: 'Models' })).toHaveAttribute('aria-disabled', 'true');
  await userEvent.keyboard('{End}{Enter}');
  expect(keys).toHaveBeenCalledOnce();
  expect(models).not.toHaveBeenCalled();
  await expect.element(screen.getByRole('button', { name: 'Menu' })).toHaveFocus();
});
