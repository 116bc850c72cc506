/** Messages as sentences, in the language that was chosen. Used where something is shown: the page and the terminal. */
import { setupI18n } from '@lingui/core';
import { compileMessage } from '@lingui/message-utils/compileMessage';
import type { Message, Parameter, Parameters } from '../core/messages';
import { en, type MessageCode } from './en';
import { accented, marked } from './pseudo';

/** One line a language, by its BCP 47 tag; 'en-XA' is the usual name of English with accents. */
const LOCALES = { en, 'en-XA': en } as const satisfies Readonly<Record<string, Readonly<Record<MessageCode, string>>>>;

export type Locale = keyof typeof LOCALES;

/** The language of that tag; English where there is none. */
export const localeOf = (tag: string | null): Locale =>
  tag !== null && Object.hasOwn(LOCALES, tag) ? (tag as Locale) : 'en';

const i18n = setupI18n();
let mapText: ((text: string) => string) | undefined;
i18n.setMessagesCompiler((sentence) => compileMessage(sentence, mapText));

/** Chooses the language of everything that is said from now on; English before the first call. */
export function chooseLocale(locale: Locale): void {
  mapText = locale === 'en-XA' ? accented : undefined;
  i18n.load({ [locale]: LOCALES[locale] });
  i18n.activate(locale);
}
chooseLocale('en');

function value(parameter: Parameter): string | number {
  if (typeof parameter === 'object') return say(parameter);
  return mapText && typeof parameter === 'string' ? marked(parameter) : parameter;
}

/** The sentence of a message. A code without one is shown as it is: wrong, but not silent. */
export function say({ code, parameters = {} }: Message): string {
  if (!Object.hasOwn(en, code)) return code;
  return i18n._(code, Object.fromEntries(Object.entries(parameters).map(([name, one]) => [name, value(one)])));
}

/** The words of the page itself, whose codes are known where it is written. */
export const t = (code: MessageCode, parameters?: Parameters): string => say({ code, parameters });
