/** What the rules read of a site. Without a parent it stands at the top of the tree. */
export interface PlacedSite {
  readonly id: string;
  readonly parentId?: string | null | undefined;
}

/** The sites themselves and all below them, in any order; a circle ends where it began. */
export function withSitesBelow(siteIds: readonly string[], sites: readonly PlacedSite[]): Set<string> {
  const children = new Map<string, string[]>();
  for (const { id, parentId } of sites) {
    if (parentId == null) continue;
    const siblings = children.get(parentId);
    if (siblings === undefined) children.set(parentId, [id]);
    else siblings.push(id);
  }
  const found = new Set(siteIds);
  // A set gives what is added while it is walked.
  for (const id of found) for (const child of children.get(id) ?? []) found.add(child);
  return found;
}
