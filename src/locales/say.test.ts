import { afterEach, describe, expect, it } from 'vitest';
import { ModelError } from '../core/errors';
import { listed, message, type Parameter } from '../core/messages';
import { valuesIn } from '../testing/placeholders';
import { en, type MessageCode } from './en';
import { chooseLocale, localeOf, say, t } from './say';

afterEach(() => chooseLocale('en'));

/** Every way of filling a sentence: all choices of its selects, one and several of its counts. */
function fillings(code: MessageCode): Readonly<Record<string, Parameter>>[] {
  return [...valuesIn(en[code])].reduce<Record<string, Parameter>[]>(
    (before, [name, values]) => before.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}

describe('every sentence of English', () => {
  it.each(Object.keys(en) as MessageCode[])('%s can be said', (code) => {
    for (const parameters of fillings(code)) {
      const sentence = t(code, parameters);
      expect(sentence).not.toMatch(/[{}]|undefined|\[object/);
      for (const value of Object.values(parameters))
        if (String(value).startsWith('(')) expect(sentence).toContain(value);
    }
  });
});

it('knows the languages that there are, and speaks English else', () => {
  expect(['en-XA', 'en', 'xx', '', 'constructor', null].map(localeOf)).toEqual(['en-XA', 'en', 'en', 'en', 'en', 'en']);
});

describe('say', () => {
  it('fills a sentence, with messages inside it', () => {
    const difference = message('grid-positions-differ', { distance: '5.00 mm' });
    expect(say(message('grids-differ', { other: 'b.nii', first: 'a.nii', difference }))).toMatch(
      /^b\.nii and a\.nii are not on the same grid: their positions differ by up to 5\.00 mm\. /,
    );
  });

  it('leaves what is put into a sentence as it is, braces and quotes too', () => {
    const name = "{it's} '{name}' <b> #.nii";
    expect(say(new ModelError('no-model-storage', { id: name }))).toContain(`so ${name} is gone`);
  });

  it('shows the reason of a bug of ours', () => {
    expect(say({ code: 'internal', parameters: { why: 'x is undefined' } })).toBe('x is undefined');
  });

  it('shows a code that has no sentence, and is not fooled by what every object has', () => {
    expect(say({ code: 'nobody-said-this' })).toBe('nobody-said-this');
    expect(say({ code: 'constructor' })).toBe('constructor');
  });

  it('accents the words of the machine-made language, and marks what is put into them', () => {
    chooseLocale('en-XA');
    expect(t('file-empty', { name: 'scan.nii' })).toBe(
      '\u2068scan.nii\u2069 íš éɱƥŧý (0 ƀýŧéš). Çóƥý óŕ đóŵñłóáđ íŧ áǧáíñ.',
    );
    const difference = message('grid-positions-differ', { distance: '5.00 mm' });
    expect(say(message('map-not-on-grid', { difference }))).not.toMatch(/[a-z]{3}/);
  });
});

describe('listed', () => {
  it.each([
    [['a'], 'a'],
    [['a', 'b'], 'a and b'],
    [['a', 'b', 'c', 'd'], 'a, b, c and d'],
  ])('%j', (things, expected) => {
    expect(say(message('form-shifted', { shifts: listed(things) }))).toBe(`shifted by ${expected}`);
  });
});

describe('whole sentences', () => {
  const says = message('label-map-by-values');
  const unusable = message('label-map-unusable', { value: '0.3', largest: 255 });
  it.each([
    [
      message('not-nifti', { name: 'a.jpg', what: message('kind-jpeg'), advice: message('advice-export-volume') }),
      'This is a JPEG picture, not a NIfTI volume (a.jpg). Organscope needs the volume itself: export the scan as NIfTI (.nii or .nii.gz), not as a picture.',
    ],
    [
      message('map-on-other-grid', {
        ...{ name: 'm.nii', says, scan: 'a.nii' },
        why: message('map-cannot-be-drawn', { unusable }),
      }),
      'm.nii seems to be a mask and not a scan (its values are whole numbers from 0 on, in blocks). It cannot be shown over a.nii: it has the value 0.3, and masks can be drawn for whole numbers from 0 to 255 only.',
    ],
    [
      message('modality-unknown', { name: 'a.nii', madeFor: 'MR', min: '-150', max: '292' }),
      'a.nii may be CT: its values from -150 to 292 do not tell. The model is made for MR; make sure that the scan is, or do not trust its masks.',
    ],
    [
      message('extent', {
        ...{ size: '80', along: message('along-foot-to-head') },
        limit: message('at-least', { mm: '110' }),
      }),
      'This scan measures 80 mm from foot to head, but the model is made for scans of at least 110 mm. Its masks may mean nothing.',
    ],
  ])('$code', (one, sentence) => {
    expect(say(one)).toBe(sentence);
  });
});
