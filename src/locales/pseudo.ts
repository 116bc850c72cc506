/** A language made by a machine: English with every letter accented. What is not accented on the page is not translated. */

const PLAIN = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const ACCENTED = 'áƀçđéƒǧĥíĵķłɱñóƥɋŕšŧúṽŵẋýžÁƁÇĐÉƑǦĤÍĴĶŁṀÑÓƤɊŔŠŦÚṼŴẊÝŽ';

/** @example accented('Open a scan') // 'Óƥéñ á šçáñ' */
export const accented = (text: string): string =>
  [...text].map((letter) => (PLAIN.includes(letter) ? ACCENTED[PLAIN.indexOf(letter)] : letter)).join('');

/**
 * What is put into a sentence, between Unicode's invisible marks for text of its own (FSI, PDI): a test that looks for
 * words without accents can tell data from a sentence that nobody translated.
 */
export const marked = (data: string): string => `\u2068${data}\u2069`;
