import { useState } from 'react';
import { expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { Button } from './button';
import { Dialog } from './dialog';

function Page({ answersOnly = false }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onPress={() => setOpen(true)}>Ask</Button>
      <Button>Behind</Button>
      <Dialog open={open} title="Sure?" answersOnly={answersOnly} onClose={() => setOpen(false)}>
        <Button onPress={() => setOpen(false)}>Yes</Button>
      </Dialog>
    </>
  );
}

it.each([
  ['Escape', '{Escape}'],
  ['its close button', '{Enter}'],
])('a dialog has a name, takes the focus, and gives it back when it is closed by %s', async (_, key) => {
  const screen = await render(<Page />);
  await userEvent.keyboard('{Tab}{Enter}');
  await expect.element(screen.getByRole('dialog', { name: 'Sure?' })).toBeVisible();
  await expect.element(screen.getByRole('button', { name: 'Close' })).toHaveFocus();
  await userEvent.keyboard(key);
  await expect.element(screen.getByRole('dialog')).not.toBeInTheDocument();
  await expect.element(screen.getByRole('button', { name: 'Ask' })).toHaveFocus();
});

it('a dialog that wants an answer has no close button', async () => {
  const screen = await render(<Page answersOnly />);
  await userEvent.keyboard('{Tab}{Enter}');
  await expect.element(screen.getByRole('button', { name: 'Yes' })).toHaveFocus();
  await expect.element(screen.getByRole('button', { name: 'Close' })).not.toBeInTheDocument();
});
