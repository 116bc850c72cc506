/** A demonstration as its presenter and its audience meet it. */
import { expect, type Locator, type Page } from '@playwright/test';

export class DemoPage {
  constructor(readonly page: Page) {}

  /** @param address with the query '?demo=brain' */
  async goto(address: string): Promise<void> {
    await this.page.goto(address);
    await expect(this.page.getByTestId('demo')).toBeVisible();
  }

  /** Index of the step that is shown. */
  async waitForStep(step: number): Promise<void> {
    await expect(this.page.getByTestId('demo')).toHaveAttribute('data-step', String(step));
  }

  caption(): Locator {
    return this.page.getByTestId('demo-caption');
  }

  /** How long the masks took, as written; and on what they were computed. */
  times(): Locator {
    return this.page.getByTestId('demo-times');
  }

  /** A row of the large legend: "liver1270.3 ml". */
  structure(name: string): Locator {
    return this.page.getByTestId('demo-legend').getByRole('row').filter({ hasText: name });
  }

  /** Everything that a hall could not read: texts that are cut off, too small, or too faint. */
  faults(): Promise<string[]> {
    return this.page.evaluate(() => {
      const faults: string[] = [];
      const channel = (value: number) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
      const luminance = (color: string) => {
        const [r, g, b] = (color.match(/[\d.]+/g) ?? []).slice(0, 3).map((value) => channel(Number(value) / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const behind = (element: Element): string => {
        for (let at: Element | null = element; at; at = at.parentElement) {
          const color = getComputedStyle(at).backgroundColor;
          if (color !== 'rgba(0, 0, 0, 0)') return color;
        }
        return 'rgb(0, 0, 0)';
      };
      const caption = document.querySelector('[data-testid=demo-caption]') as Element;
      const least = (element: Element) => (caption.contains(element) && element.matches('h2, p') ? 28 : 14);
      for (const element of document.querySelectorAll('[data-testid=demo] *')) {
        const text = [...element.childNodes].find(({ nodeType, textContent }) => nodeType === 3 && textContent?.trim());
        const box = element.getBoundingClientRect();
        if (!text || !element.checkVisibility() || element.closest('thead, [data-unseen]')) continue;
        const name = `“${element.textContent}”`;
        const range = document.createRange();
        range.selectNodeContents(text);
        for (const line of range.getClientRects()) {
          if (line.left < -1 || line.top < -1 || line.right > innerWidth + 1 || line.bottom > innerHeight + 1)
            faults.push(`${name} is cut off`);
        }
        for (let at = element.parentElement; at; at = at.parentElement) {
          if (getComputedStyle(at).overflowY === 'visible') continue;
          const clip = at.getBoundingClientRect();
          if (box.bottom > clip.bottom + 1 || box.right > clip.right + 1) faults.push(`${name} is cut off`);
        }
        const style = getComputedStyle(element);
        if (Number.parseFloat(style.fontSize) < least(element)) faults.push(`${name} has ${style.fontSize}`);
        // What cannot be pressed, or is not what the step is about, may stand back.
        if (element.closest(':disabled, [data-shown=false]')) continue;
        const [light, dark] = [luminance(style.color), luminance(behind(element))].sort((a, b) => b - a);
        const contrast = (light + 0.05) / (dark + 0.05);
        if (contrast < 7) faults.push(`${name} has a contrast of ${contrast.toFixed(1)}`);
      }
      return faults;
    });
  }
}
