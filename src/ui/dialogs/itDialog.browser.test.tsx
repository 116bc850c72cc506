import { afterEach, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-react';
import { ItDialog } from './itDialog';

const LIST = {
  organscope: { name: 'organscope', version: '1.2.3', license: 'Apache-2.0', text: 'Its own text.' },
  packages: [{ name: '@made/up', version: '4.5.6', license: 'MIT', text: 'Use it.' }],
  models: [
    {
      name: 'm',
      title: 'Brain',
      version: '7',
      license: 'CC-BY-4.0',
      trainingData: [{ name: 'A', license: 'CC0', source: '' }],
    },
  ],
  notices: ['licenses/more.txt'],
};

const realFetch = window.fetch;
afterEach(() => vi.unstubAllGlobals());

/** @param answers by the end of the address; all other requests go out */
function answering(answers: Readonly<Record<string, () => Response>>) {
  vi.stubGlobal('fetch', (input: RequestInfo | URL, init?: RequestInit) => {
    const found = Object.keys(answers).find((end) => String(input).endsWith(end));
    return found ? Promise.resolve(answers[found]()) : realFetch(input, init);
  });
}

it('the text of the document and every licence are read in it', async () => {
  const more = vi.fn(() => new Response('Notices of others.'));
  answering({ 'licenses.json': () => Response.json(LIST), 'licenses/more.txt': more });
  const screen = await render(<ItDialog open onClose={() => undefined} />);
  await expect.element(screen.getByRole('heading', { level: 2 })).toHaveTextContent('For the IT department');
  await expect.element(screen.getByRole('heading', { name: 'What is sent' })).toBeVisible();
  expect(screen.getByRole('heading', { name: 'For the IT department' }).elements()).toHaveLength(1);

  await screen.getByText('@made/up 4.5.6: MIT').click();
  await expect.element(screen.getByText('Use it.')).toBeVisible();
  await expect.element(screen.getByText('Its own text.')).not.toBeVisible();
  expect(more).not.toHaveBeenCalled();
  await screen.getByText('Further notices: licenses/more.txt').click();
  await expect.element(screen.getByText('Notices of others.')).toBeVisible();
  await expect.element(screen.getByRole('row', { name: 'Brain 7' })).toHaveTextContent('CC-BY-4.0A (CC0)');
});

it('says where the licences are when they cannot be loaded', async () => {
  answering({ 'licenses.json': () => new Response('', { status: 404 }) });
  const screen = await render(<ItDialog open onClose={() => undefined} />);
  await expect.element(screen.getByText(/^The licences could not be loaded\..*licenses\.json/)).toBeVisible();
});

it('loads nothing before it is opened', async () => {
  const asked = vi.fn(() => Response.json(LIST));
  answering({ 'licenses.json': asked });
  const screen = await render(<ItDialog open={false} onClose={() => undefined} />);
  expect(asked).not.toHaveBeenCalled();
  await screen.rerender(<ItDialog open onClose={() => undefined} />);
  await expect.element(screen.getByText('@made/up 4.5.6: MIT')).toBeVisible();
  expect(asked).toHaveBeenCalledTimes(1);
});
