import { describe, expect, it } from 'vitest';
import { askedModelUrl } from './askedModel';

const page = 'http://host:4173/app/';

describe('the model in the page address', () => {
  it.each([
    ['/models/mine/', 'http://host:4173/models/mine/'],
    ['/models/mine', 'http://host:4173/models/mine/'],
    ['models/mine/model.json', 'http://host:4173/app/models/mine/'],
    ['http://host:4173/x/?a=1#b', 'http://host:4173/x/'],
    ['../other', 'http://host:4173/other/'],
  ])('%s is the folder %s', (value, folder) => {
    expect(askedModelUrl(value, page)).toBe(folder);
  });

  it.each([
    ['https://evil.example/model/', 'https://evil.example'],
    ['//evil.example/model/', 'http://evil.example'],
    ['http://host:9999/model/', 'http://host:9999'],
    ['data:application/json,{}', 'data:'],
    ['javascript:alert(1)', 'javascript:'],
    ['blob:http://other/1', 'http://other'],
  ])('%s is refused as another server', (value, named) => {
    expect(() => askedModelUrl(value, page)).toThrow(named);
    expect(() => askedModelUrl(value, page)).toThrow(expect.objectContaining({ code: 'model-cross-origin' }));
  });

  it('that is no address at all is refused in words', () => {
    expect(() => askedModelUrl('http://', page)).toThrow(expect.objectContaining({ code: 'model-address' }));
  });
});
