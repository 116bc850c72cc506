import { expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { InvalidInputError } from '../../core/errors';
import { message } from '../../core/messages';
import { app } from '../../testing/testApp';
import { Notices } from './notices';

it('an error is announced at once and other notices when there is a pause; each is closed by keyboard', async () => {
  const a = app();
  const screen = await render(<Notices app={a} />);
  a.report(new InvalidInputError('nothing-to-open'));
  a.inform(message('left-out', { names: 'notes.txt' }));
  await expect.element(screen.getByRole('alert')).toHaveTextContent('There is no scan (.nii, .nii.gz)');
  await expect.element(screen.getByRole('status')).toHaveTextContent('nor part of a model: notes.txt.');
  await userEvent.keyboard('{Tab}');
  await expect.element(screen.getByRole('button', { name: 'Dismiss this message' }).first()).toHaveFocus();
  await userEvent.keyboard('{Enter}');
  await expect.element(screen.getByRole('alert')).not.toBeInTheDocument();
  await expect.element(screen.getByRole('status')).toBeVisible();
});
