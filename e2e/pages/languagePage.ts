/** The page in the machine-made language, in which every letter of a translated text has an accent. */
import type { Page } from '@playwright/test';

/** Invisible marks around what was put into a sentence: see src/locales/pseudo.ts. */
const DATA = /\u2068([^\u2068\u2069]*)\u2069/g;
const PLAIN_LETTER = /[A-Za-z]/;

/** Words that react-aria brings along, in many languages of its own. */
const OF_REACT_ARIA = ['Dismiss'];

/** Every text of the page and every attribute that is read out, apart from what is marked as no matter of language. */
const textsOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const texts: string[] = [];
    const skipped = '[translate=no], script, style, noscript, [data-a11y-ignore]';
    for (const element of document.body.querySelectorAll('*')) {
      if (element.closest(skipped) || (!element.closest('dialog[open]') && element.closest('dialog'))) continue;
      for (const name of ['aria-label', 'aria-valuetext', 'aria-description', 'title', 'alt', 'placeholder']) {
        texts.push(element.getAttribute(name) ?? '');
      }
      for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) texts.push(node.textContent ?? '');
    }
    return texts.filter((text) => text.trim() !== '');
  });

/** Numbers with units read the same in every language. */
const QUANTITY = /\d+(\.\d+)? (mm|ms|s|min|h|MB|GB|bytes)\b/g;

/**
 * Texts that nobody translated.
 * @param data what may stand in a sentence as it is: names, and what models say of themselves
 */
export async function untranslated(page: Page, data: readonly string[]): Promise<string[]> {
  const longestFirst = [...data].filter(Boolean).sort((a, b) => b.length - a.length);
  const isData = (text: string) =>
    !PLAIN_LETTER.test(longestFirst.reduce((rest, one) => rest.replaceAll(one, ''), text).replaceAll(QUANTITY, ''));
  const found = new Set<string>();
  for (const text of await textsOf(page)) {
    if (OF_REACT_ARIA.includes(text)) continue;
    let rest = text;
    for (let before = ''; before !== rest; ) {
      before = rest;
      rest = rest.replace(DATA, (_, put: string) => {
        if (!isData(put)) found.add(`put into a sentence: ${put}`);
        return '';
      });
    }
    if (PLAIN_LETTER.test(rest)) found.add(text);
  }
  return [...found];
}
