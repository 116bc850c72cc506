import { expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { IconButton } from './iconButton';
import { EyeIcon } from './icons';

it('a sign has a name, and says more when the keyboard gets to it', async () => {
  const screen = await render(
    <IconButton name="Show liver" tooltip="Alt-click: show only this">
      <EyeIcon />
    </IconButton>,
  );
  await expect.element(screen.getByRole('button', { name: 'Show liver' })).toBeVisible();
  await expect.element(screen.getByRole('tooltip')).not.toBeInTheDocument();
  await userEvent.keyboard('{Tab}');
  await expect.element(screen.getByRole('tooltip')).toHaveTextContent('Alt-click: show only this');
  await expect
    .element(screen.getByRole('button', { name: 'Show liver' }))
    .toHaveAccessibleDescription('Alt-click: show only this');
});
