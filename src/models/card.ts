/** MODEL_CARD.md, which a model folder may hold beside model.json: what the model was measured to do, in its makers' words. */

export const CARD = 'MODEL_CARD.md';

/** Ten times a long card. Markdown that was made to be slow takes its square: a minute for this, hours for a megabyte. */
const MAX_BYTES = 64 * 1024;

/** What Hugging Face and others put before the text, for machines. */
const FRONT_MATTER = /^---\r?\n[\s\S]*?\r?\n---[ \t]*(?:\r?\n|$)/;

/**
 * The text of a card, Markdown. Nothing depends on a card, so one that cannot be read (empty, not UTF-8, as large as no
 * card is) counts as none.
 */
export async function readCard(file: Blob): Promise<string | null> {
  if (file.size > MAX_BYTES) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    return text.includes('\0') ? null : text.replace(FRONT_MATTER, '').trim() || null;
  } catch {
    return null;
  }
}
