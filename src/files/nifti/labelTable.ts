/**
 * Names and colours of labels inside a NIfTI file: a Caret XML label table in a header extension, as Connectome
 * Workbench and ITK-SNAP's neighbours write it and as `writeNifti.ts` does.
 */
import type { LabelName } from '../../volume/volume';

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The characters that an XML text stands for. */
const plain = (xml: string): string =>
  xml
    .split(/(<!\[CDATA\[[\s\S]*?\]\]>)/)
    .map((part) =>
      part.startsWith('<![CDATA[')
        ? part.slice(9, -3)
        : part.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hex, named) => {
            const code = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : null;
            if (code === null) return ENTITIES[named] ?? whole;
            return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
          }),
    )
    .join('');

/**
 * Reads a label table.
 * @param xml a header extension's text
 * @returns in the file's order; empty where there is no table, or one that is not understood: names are a help, not data
 */
export function readLabelTable(xml: string): LabelName[] {
  const [table] = /<LabelTable\b[\s\S]*?<\/LabelTable>/.exec(xml) ?? [];
  if (!table) return [];
  return [...table.matchAll(/<Label\b([^>]*)>([\s\S]*?)<\/Label>/g)].flatMap(([, attributes, content]) => {
    const attribute = (name: string) => {
      const found = new RegExp(`\\b${name}\\s*=\\s*["']([^"']*)["']`).exec(attributes);
      return found ? Number(found[1]) : Number.NaN;
    };
    const channel = (name: string) => {
      const unit = attribute(name);
      return Math.round(255 * (unit >= 0 && unit <= 1 ? unit : 0.5));
    };
    const id = attribute('Key');
    const name = plain(content).trim();
    if (!Number.isInteger(id) || name === '') return [];
    return [{ id, name, color: [channel('Red'), channel('Green'), channel('Blue')] as const }];
  });
}
