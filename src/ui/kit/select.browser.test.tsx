import { expect, it, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { type Option, Select } from './select';

const options = [
  { value: 'a', title: 'Axial' },
  { value: 'c', title: 'Coronal' },
] as const;

it('a list is named by its label and what is chosen, opens, chooses and closes by keyboard, and keeps its keys', async () => {
  const onChange = vi.fn();
  const onPageKey = vi.fn();
  window.addEventListener('keydown', onPageKey);
  const screen = await render(<Select label="Plane" options={options} value="a" onChange={onChange} />);
  const button = screen.getByRole('button', { name: 'Axial Plane' });
  await userEvent.keyboard('{Tab}');
  await expect.element(button).toHaveFocus();
  await userEvent.keyboard('{Enter}');
  await expect.element(screen.getByRole('option', { name: 'Axial' })).toHaveFocus();
  onPageKey.mockClear(); // Tab is the page's
  await userEvent.keyboard('{ArrowDown}{Enter}');
  expect(onChange).toHaveBeenCalledExactlyOnceWith('c');
  await expect.element(button).toHaveFocus();
  await expect.element(screen.getByRole('listbox')).not.toBeInTheDocument();
  expect(onPageKey).not.toHaveBeenCalled();
  window.removeEventListener('keydown', onPageKey);
});

it('a list is as wide as its widest option, whatever is chosen, and says no more than that', async () => {
  const long = [...options, { value: 'l', title: 'A much longer name than the others' }] as const;
  const props = { label: 'Plane', options: long as readonly Option<string>[], onChange: () => {} };
  const row = (value: string) => (
    <div style={{ display: 'flex' }}>
      <Select {...props} value={value} />
    </div>
  );
  const screen = await render(row('a'));
  const button = screen.getByRole('button', { name: 'Axial Plane' });
  const { width } = button.element().getBoundingClientRect();
  expect(button.element()).toHaveTextContent(/^Axial$/);
  await screen.rerender(row('l'));
  const chosen = screen.getByRole('button', { name: 'A much longer name than the others Plane' });
  expect(chosen.element().getBoundingClientRect().width).toBeCloseTo(width, 1);
});
