import { useState } from 'react';
import { expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { Slider } from './slider';

function Opacity() {
  const [value, setValue] = useState(50);
  return <Slider name="Opacity" min={0} max={100} step={5} value={value} onChange={setValue} />;
}

it('a slider moves by its step with arrows, and to its ends', async () => {
  const screen = await render(<Opacity />);
  const slider = screen.getByRole('slider', { name: 'Opacity' });
  await userEvent.keyboard('{Tab}{ArrowRight}{ArrowRight}{ArrowLeft}');
  await expect.element(slider).toHaveValue('55');
  await userEvent.keyboard('{End}{ArrowRight}');
  await expect.element(slider).toHaveValue('100');
});
