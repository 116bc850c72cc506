/** The page as a user meets it. Specs speak in these words; selectors live here only. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Download, expect, type Locator, type Page } from '@playwright/test';
import { type BrightSpot, brightSpot, type Picture } from './picture';

export type PlaneName = 'axial' | 'coronal' | 'sagittal';

export interface LegendRow {
  readonly name: string;
  /** As written, "–" before a result. */
  readonly ml: string;
}

export class AppPage {
  /** Errors and warnings of the console, and uncaught exceptions. */
  readonly problems: string[] = [];
  /** Every address the page asked for. */
  readonly requests: string[] = [];

  constructor(readonly page: Page) {
    page.on('console', (message) => {
      // Screenshots of a WebGL canvas make software drivers complain about reading back; Playwright says that it blocks.
      const isOurs = !/GPU stall due to ReadPixels|registration blocked by Playwright/.test(message.text());
      if (['error', 'warning'].includes(message.type()) && isOurs) {
        this.problems.push(message.text());
      }
    });
    page.on('pageerror', (error) => this.problems.push(error.message));
    page.on('request', (request) => this.requests.push(request.url()));
  }

  /** @param query for example '?demo=1' */
  async gotoApp(query = ''): Promise<void> {
    await this.page.goto(`./${query}`);
    await expect(this.page.getByRole('heading', { name: 'Organscope' })).toBeVisible();
  }

  /** Through the file button. @param file a path, or the bytes with a name */
  async openFile(file: string | Buffer, name?: string): Promise<void> {
    const input = this.page.getByTestId('file-input').first();
    const buffer = typeof file === 'string' ? await readFile(file) : file;
    const shownName = name ?? (typeof file === 'string' ? basename(file) : 'scan.nii');
    await input.setInputFiles({ name: shownName, mimeType: 'application/octet-stream', buffer });
  }

  /** Several scans at once, through a file button. @param testId of its input; the open button's by default */
  async openFiles(files: readonly { name: string; bytes: Buffer }[], testId = 'file-input'): Promise<void> {
    const payload = files.map(({ name, bytes }) => ({ name, mimeType: 'application/octet-stream', buffer: bytes }));
    await this.page.getByTestId(testId).first().setInputFiles(payload);
  }

  /** File name by channel, as chosen under "Scans"; '' where none is. */
  channels(): Promise<Record<string, string>> {
    const rows = this.page.getByTestId('scans').locator('dl > div');
    return rows.evaluateAll((all) =>
      Object.fromEntries(
        all.flatMap((row) => {
          const name = row.querySelector('dt')?.textContent ?? '';
          const chosen = row.querySelector('button')?.textContent ?? '';
          return name === 'Show' ? [] : [[name, chosen === 'Choose a scan…' ? '' : chosen]];
        }),
      ),
    );
  }

  /** As a drop on the middle of the page. */
  async dropFile(bytes: Buffer, name: string): Promise<void> {
    const transfer = await this.page.evaluateHandle(
      ({ base64, name }) => {
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
        return data;
      },
      { base64: bytes.toString('base64'), name },
    );
    for (const type of ['dragenter', 'dragover', 'drop']) {
      await this.page.dispatchEvent('body', type, { dataTransfer: transfer });
    }
  }

  /** A file from outside held over the page. */
  async hoverFile(): Promise<void> {
    const dataTransfer = await this.page.evaluateHandle(() => {
      const data = new DataTransfer();
      data.items.add(new File(['x'], 'scan.nii'));
      return data;
    });
    await this.page.dispatchEvent('body', 'dragenter', { dataTransfer });
  }

  /** What the page asks before something is lost, or where a file may be meant in two ways. */
  question(): Locator {
    return this.page.getByTestId('question');
  }

  async reply(answer: string): Promise<void> {
    await this.question().getByRole('button', { name: answer }).click();
    await expect(this.question()).toBeHidden();
  }

  /** Whether the browser would ask before the page is closed. */
  asksBeforeLeaving(): Promise<boolean> {
    return this.page.evaluate(() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true })));
  }

  /** Addresses beyond the page's own server that its threads reached, and those that its policy blocked, as it says itself. */
  async requestsBeyond(): Promise<{ beyond: string[]; blocked: string[] }> {
    await this.page.getByTestId('requests-badge').click();
    const dialog = this.page.getByTestId('privacy');
    const [beyond, blocked] = [dialog.getByTestId('requests-beyond'), dialog.getByTestId('requests-blocked')];
    await expect(dialog).toBeVisible();
    const addresses = {
      beyond: await beyond.locator('li').allTextContents(),
      blocked: await blocked.locator('li').allTextContents(),
    };
    await this.page.keyboard.press('Escape');
    return addresses;
  }

  /** Of what the masks on the screen are. */
  resultOrigin(): Locator {
    return this.page.getByTestId('result-origin');
  }

  async openDemo(): Promise<void> {
    await this.page.getByRole('button', { name: 'Try it with a sample brain' }).click();
  }

  /** Waits until a scan of this name is shown. */
  async waitForScan(name: string | RegExp): Promise<void> {
    await expect(this.page.getByTestId('file-name')).toHaveText(name);
    await expect(this.status()).not.toContainText('Preparing the picture');
  }

  segmentButton(): Locator {
    return this.page.getByRole('button', { name: /^Segment( again| anyway)?$/ });
  }

  async segment(): Promise<void> {
    await this.segmentButton().click();
  }

  async cancel(): Promise<void> {
    await this.page.getByRole('button', { name: 'Cancel' }).click();
  }

  /** What the run says about itself: "Segmenting, window 3 of 8". */
  phase(): Locator {
    return this.page.getByTestId('run-phase');
  }

  /** One of the statuses of src/state/status.ts, while the side panel is shown. */
  async waitForStatus(status: string, timeout?: number): Promise<void> {
    await expect(this.page.getByTestId('run')).toHaveAttribute('data-status', status, { timeout });
  }

  async waitForSegmented(timeout = 240_000): Promise<void> {
    await this.waitForStatus('segmented', timeout);
  }

  /** Which provider ran and how long it took, as written. */
  runReport(): Locator {
    return this.page.getByTestId('run-report');
  }

  /** A list that opens, by its label. Its button's name begins with what is chosen. */
  select(label: string): Locator {
    return this.page.getByRole('button', { name: new RegExp(`(^| )${label}$`) });
  }

  /** Chooses in such a list, by the words of the option, with the keyboard: the pointer stays where it is. */
  async choose(label: string, option: string): Promise<void> {
    await this.select(label).press('Enter');
    await this.page.getByRole('option', { name: option, exact: true }).press('Enter');
    await expect(this.page.getByRole('listbox')).toBeHidden();
  }

  async selectProvider(value: 'auto' | 'webgpu' | 'wasm'): Promise<void> {
    const names = { auto: 'Automatic', webgpu: 'Graphics processor, ONNX Runtime only', wasm: 'Main processor' };
    await this.choose('Run on', names[value]);
  }

  /** Structures, then regions. */
  async legend(): Promise<LegendRow[]> {
    const rows = this.page.getByTestId('legend').locator('tr[data-label]');
    return rows.evaluateAll((all) =>
      all.map((row) => ({
        name: row.querySelector('th')?.textContent ?? '',
        ml: row.querySelector('[data-testid=ml]')?.textContent ?? '',
      })),
    );
  }

  async toggleLabel(name: string): Promise<void> {
    await this.page.getByRole('button', { name: `Show ${name}`, exact: true }).click();
  }

  async soloLabel(name: string): Promise<void> {
    await this.page.getByRole('button', { name: `Show ${name}`, exact: true }).click({ modifiers: ['Alt'] });
  }

  /** Starts a download and waits for it. */
  async download(what: 'mask' | 'volumes'): Promise<{ name: string; bytes: Buffer }> {
    const started: Promise<Download> = this.page.waitForEvent('download');
    await this.page.getByRole('button', { name: what === 'mask' ? 'Mask (.nii.gz)' : 'Volumes (.csv)' }).click();
    const download = await started;
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  }

  /** The newest error shown. */
  error(): Locator {
    return this.page.getByRole('alert').last();
  }

  warnings(): Locator {
    return this.page.getByTestId('notices').locator('[data-notice=warning] p');
  }

  pane(plane: PlaneName): Locator {
    return this.page.locator(`.pane-${plane}`);
  }

  /** Letters of a pane: left, right, top, bottom. */
  async letters(plane: PlaneName): Promise<string> {
    return (await this.pane(plane).getAttribute('data-letters')) ?? '';
  }

  /** "12 / 23" */
  slice(plane: PlaneName): Locator {
    return this.pane(plane).locator('.pane-slice');
  }

  /** Of all panes that can be seen: "12 / 23". */
  slices(): Promise<string[]> {
    return this.page.locator('.pane:not([hidden]) .pane-slice').allTextContents();
  }

  /** The structure that the status line names. */
  structureRead(): Locator {
    return this.page.getByTestId('status-label');
  }

  /** Position, voxel, value, label and window in one line. */
  status(): Locator {
    return this.page.getByTestId('status');
  }

  async clickPane(plane: PlaneName, x: number, y: number): Promise<void> {
    const box = await this.boxOf(plane);
    await this.page.mouse.click(box.x + x * box.width, box.y + y * box.height);
  }

  async doubleClickPane(plane: PlaneName, x: number, y: number): Promise<void> {
    const box = await this.boxOf(plane);
    await this.page.mouse.dblclick(box.x + x * box.width, box.y + y * box.height);
  }

  async hoverPane(plane: PlaneName, x: number, y: number): Promise<void> {
    const box = await this.boxOf(plane);
    await this.page.mouse.move(box.x + x * box.width, box.y + y * box.height);
  }

  /** Drags with a mouse button from one point of a pane to another, in pixels from its middle. */
  async dragPane(
    plane: PlaneName,
    dx: number,
    dy: number,
    button: 'left' | 'middle' | 'right' = 'left',
  ): Promise<void> {
    const box = await this.boxOf(plane);
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await this.page.mouse.move(x, y);
    await this.page.mouse.down({ button });
    await this.page.mouse.move(x + dx / 2, y + dy / 2);
    await this.page.mouse.move(x + dx, y + dy);
    await this.page.mouse.up({ button });
  }

  async wheelPane(plane: PlaneName, deltaY: number): Promise<void> {
    await this.hoverPane(plane, 0.5, 0.5);
    await this.page.mouse.wheel(0, deltaY);
  }

  /**
   * The pictures without letters and lines, as the user sees them: one screenshot, cut into panes.
   * `rgb(x, y)` counts from a pane's top left corner.
   */
  async pictures(): Promise<Record<PlaneName, Picture>> {
    const hide = await this.page.addStyleTag({
      content: '.pane > * { visibility: hidden !important } .pane { outline: none !important }',
    });
    const boxes = [await this.boxOf('axial'), await this.boxOf('coronal'), await this.boxOf('sagittal')];
    const png = await this.page.screenshot();
    await hide.evaluate((style) => (style as Element).remove());
    const base64 = await this.page.evaluate(async (encoded) => {
      const bytes = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
      if (!context) throw new Error('no 2d context');
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      let text = '';
      for (let i = 0; i < data.length; i += 4096) text += String.fromCharCode(...data.subarray(i, i + 4096));
      return btoa(text);
    }, png.toString('base64'));
    const data = Buffer.from(base64, 'base64');
    const stride = (this.page.viewportSize() as { width: number }).width;
    const [axial, coronal, sagittal] = boxes.map((box): Picture => {
      const [left, top] = [Math.round(box.x), Math.round(box.y)];
      return {
        width: Math.round(box.width),
        height: Math.round(box.height),
        rgb: (x, y) => [...data.subarray(4 * (left + x + stride * (top + y))).subarray(0, 3)],
      };
    });
    return { axial, coronal, sagittal };
  }

  /** The middle of all pixels of every pane brighter than mid-grey. */
  async brightSpots(): Promise<Record<PlaneName, BrightSpot>> {
    const { axial, coronal, sagittal } = await this.pictures();
    return { axial: brightSpot(axial), coronal: brightSpot(coronal), sagittal: brightSpot(sagittal) };
  }

  /**
   * Sets the size of the window and the font size of the browser's settings (16 where nobody has changed it), and waits
   * until the panes have followed.
   */
  async resize(width: number, height: number, fontPx = 16): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    await session.send('Page.setFontSizes', { fontSizes: { standard: fontPx } });
    await session.detach();
    await this.page.setViewportSize({ width, height });
    await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }

  /**
   * Pairs of texts and controls of the toolbar and the viewer that lie on each other, and texts that are cut off without
   * an ellipsis, in words; empty when all can be read.
   */
  overprints(): Promise<string[]> {
    return this.page.evaluate(() => {
      const parts: { readonly name: string; readonly of: Node; readonly box: DOMRect }[] = [];
      const faults: string[] = [];
      /** What overflow leaves of it, inside its own pane. */
      const visible = (element: Element, box: DOMRect) => {
        let [left, top, right, bottom] = [box.left, box.top, box.right, box.bottom];
        for (let at: Element | null = element; at && at !== document.body; at = at.parentElement) {
          if (getComputedStyle(at).overflowX === 'visible') continue;
          const clip = at.getBoundingClientRect();
          [left, top] = [Math.max(left, clip.left), Math.max(top, clip.top)];
          [right, bottom] = [Math.min(right, clip.right), Math.min(bottom, clip.bottom)];
        }
        return new DOMRect(left, top, Math.max(0, right - left), Math.max(0, bottom - top));
      };
      const add = (name: string, of: Node, element: Element, box: DOMRect) => {
        const seen = visible(element, box);
        let line = element;
        while (getComputedStyle(line).display === 'inline' && line.parentElement) line = line.parentElement;
        const ellipsis = getComputedStyle(line).textOverflow === 'ellipsis';
        if (!ellipsis && (seen.width < box.width - 1 || seen.height < box.height - 1))
          faults.push(`${name} is cut off`);
        parts.push({ name, of, box: seen });
      };
      for (const element of document.querySelectorAll('[data-testid=toolbar] *, .viewer *')) {
        if (element.closest('[hidden], [data-a11y-ignore], [data-unseen]') || element.getClientRects().length === 0)
          continue;
        if (element.matches('[role=group]:has(input[type=range]), .scale-bar, [data-swatch]')) {
          add(element.className || element.tagName, element, element, element.getBoundingClientRect());
          continue;
        }
        for (const node of element.childNodes) {
          if (node.nodeType !== Node.TEXT_NODE || !node.textContent?.trim()) continue;
          const range = document.createRange();
          range.selectNodeContents(node);
          // One for each line, and two where an ellipsis shortens it.
          for (const box of range.getClientRects()) add(`“${node.textContent}”`, node, element, box);
        }
      }
      parts.forEach((a, i) => {
        for (const b of parts.slice(i + 1)) {
          if (a.of === b.of) continue;
          const width = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
          const height = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
          // Boxes of lines reach a little beyond their letters.
          if (width > 1 && height > 3) faults.push(`${a.name} and ${b.name} lie on each other`);
        }
      });
      return faults;
    });
  }

  private async boxOf(plane: PlaneName) {
    const box = await this.pane(plane).boundingBox();
    if (!box) throw new Error(`The ${plane} pane is not visible.`);
    return box;
  }
}
