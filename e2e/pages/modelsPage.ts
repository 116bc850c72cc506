/** The dialog with all models, as a user meets it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';

export class ModelsPage {
  constructor(private readonly page: Page) {}

  dialog(): Locator {
    return this.page.getByRole('dialog', { name: 'Models' });
  }

  /** From the start screen or the side panel. */
  async open(): Promise<void> {
    await this.page.getByRole('button', { name: /models…|Models…|Change \(/ }).click();
    await expect(this.dialog()).toBeVisible();
  }

  async close(): Promise<void> {
    await this.dialog().getByRole('button', { name: 'Close' }).click();
    await expect(this.dialog()).toBeHidden();
  }

  card(): Locator {
    return this.page.getByTestId('model-card');
  }

  /** The button in the dialog that opens a model's card. */
  cardButton(title: string): Locator {
    return this.row(title).getByRole('button', { name: /^Model card: / });
  }

  row(title: string): Locator {
    return this.dialog().locator('[data-model]').filter({ hasText: title });
  }

  titles(): Promise<string[]> {
    return this.dialog().getByTestId('model-title').allTextContents();
  }

  choice(title: string): Locator {
    return this.row(title).getByRole('radio');
  }

  async choose(title: string): Promise<void> {
    await this.choice(title).check();
  }

  /** Waits for what is said about a model that was just added; opening its network takes long on a busy machine. */
  async expectOutcome(text: string): Promise<void> {
    const outcome = this.dialog().getByRole('status').or(this.dialog().getByRole('alert'));
    await expect(outcome).toContainText(text, { timeout: 240_000 });
  }

  async answer(answer: 'Replace' | 'Keep what is here'): Promise<void> {
    await this.dialog().getByRole('button', { name: answer }).click();
  }

  async delete(title: string): Promise<void> {
    await this.row(title)
      .getByRole('button', { name: `Delete: ${title}` })
      .click();
    await this.row(title).getByRole('button', { name: 'Delete', exact: true }).click();
  }

  /** Through the folder button. @param folder path */
  async chooseFolder(folder: string): Promise<void> {
    await this.page.getByTestId('model-folder-input').setInputFiles(folder);
  }

  /** Drops files or folders of this machine on the middle of the page, as the browser does it for a file manager. */
  async dropPaths(...files: string[]): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const { width, height } = this.page.viewportSize() as { width: number; height: number };
    const data = { items: [], files, dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: width / 2, y: height / 2, data });
    }
    await session.detach();
  }
}

/** Writes a model folder to disk. @returns its path */
export function writeFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  return folder;
}
