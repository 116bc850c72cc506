import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import type { KeepingServices } from '../../app/createApp';
import type { RuntimePart } from '../../core/runtimeFile';
import { app, nothingKept } from '../../testing/testApp';
import { OfflineDialog } from './offlineDialog';

/** A browser whose downloads last until they are told how they go. */
function browser() {
  const keptBytes: Record<RuntimePart, number> = { 'compute-cpu': 0, 'compute-gpu': 0, samples: 0 };
  const amount = (part: RuntimePart) => ({ bytes: 10e6, keptBytes: keptBytes[part] });
  let go = (_: Error | null) => {};
  const services: KeepingServices = {
    ...nothingKept,
    survey: async () => ({
      ...(await nothingKept.survey()),
      app: { bytes: 3e6 },
      usedBytes: 1e6,
      quotaBytes: 1e9,
      counts: { app: 9, files: 0, models: 0, settings: 2, measurements: 0, shared: 0 },
      parts: {
        'compute-cpu': amount('compute-cpu'),
        'compute-gpu': amount('compute-gpu'),
        samples: amount('samples'),
      },
    }),
    keepPart: (part, { onBytes }) =>
      new Promise((resolve, reject) => {
        onBytes(4e6);
        keptBytes[part] = 4e6;
        go = (error) => {
          if (error) return reject(error);
          keptBytes[part] = 10e6;
          resolve({ startedAgain: false });
        };
      }),
    deleteStored: vi.fn(async () => []),
  };
  return { services, end: (error: Error | null = null) => go(error) };
}

async function dialog({ services }: ReturnType<typeof browser>) {
  const one = app({}, { keeping: services });
  await render(<OfflineDialog app={one} open onClose={() => undefined} />);
  await expect.element(page.getByText('Computing on the main processor', { exact: true })).toBeVisible();
  return one;
}

it('keeps a part by keyboard, with its progress, and says when it is there', async () => {
  const one = browser();
  await dialog(one);
  await expect.element(page.getByTestId('readiness')).toHaveTextContent('Does not work without a network yet');
  const keep = page.getByRole('button', { name: 'Keep: Computing on the main processor' });
  (keep.element() as HTMLElement).focus();
  await userEvent.keyboard('{Enter}');
  await expect.element(page.getByTestId('keeping')).toHaveTextContent('4.0 MB of 10 MB');
  await expect.element(page.getByRole('progressbar')).toHaveAttribute('value', '0.4');
  one.end();
  await expect.element(page.getByRole('status').last()).toHaveTextContent('Kept for use without a network');
  await expect.element(page.getByRole('button', { name: 'Remove: Computing on the main processor' })).toBeVisible();
  await expect.element(page.getByTestId('readiness')).toHaveTextContent('no model is kept');
});

it('says why a download ended, and offers to go on', async () => {
  const one = browser();
  await dialog(one);
  await page.getByRole('button', { name: 'Keep: Sample scans' }).click();
  one.end(new Error('the cable'));
  await expect.element(page.getByRole('alert')).toHaveTextContent('the cable');
  await expect.element(page.getByRole('button', { name: 'Resume: Sample scans' })).toBeVisible();
  await expect.element(page.getByText('partly, 4.0 MB of 10 MB')).toBeVisible();
});

it('lists what is stored besides, and deletes one kind alone', async () => {
  const one = browser();
  await dialog(one);
  await page.getByRole('button', { name: 'Delete: Settings' }).click();
  expect(one.services.deleteStored).toHaveBeenCalledWith(['settings']);
  expect(page.getByRole('button', { name: 'Delete: Measurements of this machine' }).elements()).toEqual([]);
});
