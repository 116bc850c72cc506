/** Names of things that are open: never given twice, in this visit or another, since a study may be saved and come back. */

/** Of one kind of thing; a scan's id is not taken where a label map's is wanted. */
export type Id<Kind extends string> = string & { readonly __kind: Kind };

/** @param kind also its readable beginning @example newId('scan') // 'scan-3f9a61c07be24d18' */
export function newId<Kind extends string>(kind: Kind): Id<Kind> {
  // Not randomUUID: a page that is opened over plain http in a hospital's network does not have it.
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return `${kind}-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}` as Id<Kind>;
}
