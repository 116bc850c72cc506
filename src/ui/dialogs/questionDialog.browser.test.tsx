import { expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { app, onScreen, open } from '../../testing/testApp';
import { QuestionDialog } from './questionDialog';

/** A page whose result is not saved, on which a second scan was just dropped. */
async function asked() {
  const a = app();
  const screen = await render(<QuestionDialog app={a} />);
  await a.loadModels();
  await open(a, 'a.nii');
  await a.segment();
  const opening = open(a, 'b.nii');
  await expect.element(screen.getByRole('dialog', { name: 'The result is not saved' })).toBeVisible();
  return { a, screen, opening };
}

it('a question begins at its safe answer, and Escape keeps everything', async () => {
  const { a, screen, opening } = await asked();
  await expect.element(screen.getByRole('button', { name: 'Save the mask, then open b.nii' })).toHaveFocus();
  await userEvent.keyboard('{Escape}');
  await opening;
  await expect.element(screen.getByRole('dialog')).not.toBeInTheDocument();
  expect(onScreen(a)).toMatchObject({ scan: { name: 'a.nii' }, labels: { name: 'Brain' } });
});

it('an answer is given by keyboard', async () => {
  const { a, screen, opening } = await asked();
  await userEvent.keyboard('{Tab}{Enter}');
  await opening;
  await expect.element(screen.getByRole('dialog')).not.toBeInTheDocument();
  expect(onScreen(a)).toMatchObject({ scan: { name: 'b.nii' }, labels: null });
});

it('a second question takes the place of one that was just closed', async () => {
  const { a, screen, opening } = await asked();
  const closed = screen.getByRole('dialog').element() as HTMLDialogElement;
  closed.close();
  const next = open(a, 'c.nii');
  await opening;
  await screen.getByRole('button', { name: 'Open c.nii without saving' }).click();
  await next;
  expect(onScreen(a)).toMatchObject({ scan: { name: 'c.nii' } });
});
