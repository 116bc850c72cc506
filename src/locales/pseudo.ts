/** A language made by a machine: English with every letter accented. What is not accented on the page is not translated. */

const PLAIN = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const ACCENTED = 'áƀçđéƒǧĥíĵķłɱñóƥɋŕšŧúṽŵẋýžÁƁÇĐÉƑǦĤÍĴĶŁṀÑÓƤɊŔŠŦÚṼŴẊÝŽ';

/** @example accented('Open a scan') // 'Óƥéñ á šçáñ' */
export const accented = (text: string): string =>
  [...text].map((letter) => (PLAIN.includes(letter) ? ACCENTED[PLAIN.indexOf(letter)] : letter)).join('');
