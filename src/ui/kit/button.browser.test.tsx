import { expect, it, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { Button } from './button';

it('a button answers a click, Enter and Space, and none of them while it is disabled', async () => {
  const onPress = vi.fn();
  const screen = await render(<Button onPress={onPress}>Go</Button>);
  const button = screen.getByRole('button', { name: 'Go' });
  await button.click();
  await userEvent.keyboard('{Enter} ');
  expect(onPress).toHaveBeenCalledTimes(3);
  await screen.rerender(
    <Button onPress={onPress} isDisabled>
      Go
    </Button>,
  );
  await expect.element(button).toBeDisabled();
  (button.element() as HTMLButtonElement).click();
  expect(onPress).toHaveBeenCalledTimes(3);
});
