import { expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { CancelledError } from '../../core/errors';
import { app, open, segmented } from '../../testing/testApp';
import { RunPanel } from './runPanel';

it('a run is started, watched and cancelled from the panel, which says how it ended', async () => {
  let finish = () => {};
  const a = app({
    segment: ([scan], { onProgress, signal }) =>
      new Promise((resolve, reject) => {
        onProgress?.({ phase: 'infer', done: 1, total: 4, secondsLeft: 65 });
        finish = () => resolve(segmented(scan));
        signal?.addEventListener('abort', () => reject(new CancelledError()));
      }),
  });
  const screen = await render(<RunPanel app={a} />);
  await expect.element(screen.getByRole('button', { name: 'Segment' })).toBeDisabled();
  await a.loadModels();
  await open(a, 'a.nii');
  await screen.getByRole('button', { name: 'Segment' }).click();
  await expect.element(screen.getByTestId('run-phase')).toHaveTextContent('Segmenting, window 2 of 4');
  await expect.element(screen.getByText('1 min 05 s left')).toBeVisible();
  await expect
    .element(screen.getByRole('progressbar', { name: 'Segmentation progress' }))
    .toHaveAttribute('value', '0.25');
  await screen.getByRole('button', { name: 'Cancel' }).click();
  await expect.element(screen.getByRole('status')).toHaveTextContent('Cancelled. Nothing was changed.');
  await screen.getByRole('button', { name: 'Segment' }).click();
  await expect.element(screen.getByRole('progressbar')).toBeVisible();
  finish();
  await expect.element(screen.getByRole('button', { name: 'Segment again' })).toBeVisible();
});

it('what the network runs on is chosen by keyboard', async () => {
  const a = app();
  const screen = await render(<RunPanel app={a} />);
  await userEvent.keyboard('{Tab}{Enter}');
  await userEvent.keyboard('Main{Enter}');
  await expect.element(screen.getByRole('button', { name: 'Main processor Run on' })).toHaveFocus();
  expect(a.state.getState().provider).toBe('wasm');
});
