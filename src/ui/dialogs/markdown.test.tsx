import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import CardText from './markdown';

const html = (text: string) => renderToStaticMarkup(<CardText text={text} title="The model" />).trim();

describe("a card's text", () => {
  it('begins below the heading of the dialog, and does not repeat it', () => {
    expect(html('# The model\n\n## Use\n\n### Detail')).toBe('<h3>Use</h3>\n<h4>Detail</h4>');
    expect(html('# Something else')).toBe('<h3>Something else</h3>');
  });

  it('has its tables, figures unbroken', () => {
    const table = html('| structure | Dice |\n| --- | ---: |\n| liver | 0.912 ± 0.021 (0.853) |');
    expect(table).toContain('<th>structure</th>');
    expect(table).toContain('<td style="text-align:right" data-short="true">0.912 ± 0.021 (0.853)</td>');
  });

  it.each([
    ['a script', 'a <script>alert(1)</script> b'],
    ['a frame', '<iframe src="https://elsewhere.example"></iframe>\n\na b'],
    ['a picture', '<img src="x" onerror="alert(1)"> a b'],
    ['an image', '![](https://elsewhere.example/x.png) a b'],
    ['a style', '<style>* { display: none }</style>\n\na b'],
  ])('leaves out the tag of %s', (_, text) => {
    expect(html(text)).not.toMatch(/<(?!\/?p>)/);
  });

  it.each(['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'vbscript:x', 'evaluation.json', '#top'])(
    'shows a link to %s as plain words',
    (target) => {
      expect(html(`[words](${target})`)).toBe('<p>words</p>');
    },
  );

  it('opens a link to the web apart from the page', () => {
    expect(html('[paper](https://doi.org/10.1/x)')).toBe(
      '<p><a href="https://doi.org/10.1/x" target="_blank" rel="noopener noreferrer">paper</a></p>',
    );
  });
});
