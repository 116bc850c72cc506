import { expect, it, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { Select } from './select';

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
