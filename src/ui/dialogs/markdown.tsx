/**
 * A model's card as the page shows it. Anybody may have written it, so it is text and nothing else: no HTML, nothing is
 * fetched for it, and links lead out of the page only when they are clicked. Loaded apart from the page: see cardDialog.tsx.
 */
import Markdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { t } from '../../locales/say';
import { ScrollingTable } from '../kit/scrollingTable';

/** The dialog has the h2; cards begin with an h1 and go on with h2. */
const components: Components = {
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h3>{children}</h3>,
  h3: ({ children }) => <h4>{children}</h4>,
  h4: ({ children }) => <h5>{children}</h5>,
  h5: ({ children }) => <h6>{children}</h6>,
  // What a link inside the model's folder points at is not on this page.
  a: ({ href, children }) =>
    /^https?:/i.test(href ?? '') ? (
      <a href={href} target="_blank" rel="noopener noreferrer">
        {children}
      </a>
    ) : (
      children
    ),
  img: ({ alt }) => <>{alt ? t('picture', { words: alt }) : null}</>,
  input: ({ checked }) => <>{checked ? '☑ ' : '☐ '}</>,
  // A figure with its spread stays on one line; a sentence may break.
  td: ({ children, style }) => (
    <td style={style} data-short={(typeof children === 'string' && children.length < 30) || undefined}>
      {children}
    </td>
  ),
  table: ({ children }) => <ScrollingTable>{children}</ScrollingTable>,
};

/** @param title of the model: stands above the card already */
export default function CardText({ text, title }: { text: string; title: string }) {
  const untitled = {
    ...components,
    h1: ({ children }) => (children === title ? null : <h3>{children}</h3>),
  } as Components;
  return (
    <Markdown remarkPlugins={[remarkGfm]} components={untitled} skipHtml>
      {text}
    </Markdown>
  );
}
