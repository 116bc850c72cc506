/**
 * The address under which the shell has a file. The page's query is for the page: it chooses no file. Nothing else of the
 * shell is asked for with one.
 */
export function shellAddress(url: string, isNavigation: boolean, scope: string): string {
  const address = new URL(url);
  address.hash = '';
  if (isNavigation) address.search = '';
  return address.href === scope ? `${scope}index.html` : address.href;
}
