/** The dialog "Offline & storage", as a user meets it. */
import { expect, type Locator, type Page } from '@playwright/test';

export class OfflinePage {
  constructor(private readonly page: Page) {}

  dialog(): Locator {
    return this.page.getByRole('dialog', { name: 'Offline & storage' });
  }

  /** From the page's menu. */
  async open(): Promise<void> {
    await this.page.getByRole('button', { name: 'Menu' }).click();
    await this.page.getByRole('menuitem', { name: 'Offline & storage' }).click();
    await expect(this.readiness()).not.toContainText('Looking');
  }

  async close(): Promise<void> {
    await this.dialog().getByRole('button', { name: 'Close' }).click();
    await expect(this.dialog()).toBeHidden();
  }

  /** What works without a network now. */
  readiness(): Locator {
    return this.dialog().getByTestId('readiness');
  }

  row(name: string): Locator {
    return this.dialog().locator(`[data-thing="${name}"]`);
  }

  /** By the row's button; waits until it has ended well. */
  async keep(name: string): Promise<void> {
    await this.row(name)
      .getByRole('button', { name: /^(Keep|Resume): / })
      .click();
    await expect(this.row(name)).toContainText('kept, ');
  }

  /** Everything that this origin keeps, as the browser tells it. */
  stored(): Promise<string[]> {
    return this.page.evaluate(async () => {
      const folders: string[] = [];
      for await (const name of (await navigator.storage.getDirectory()).keys()) folders.push(`folder ${name}`);
      const keys = Object.keys(localStorage).map((key) => `localStorage ${key}`);
      return [...(await caches.keys()).map((name) => `cache ${name}`), ...folders, ...keys].sort();
    });
  }
}
