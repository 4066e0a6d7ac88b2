import type { ChannelItem } from '../../contracts/channels.ts';

export interface MergedItems {
  /** What the channel holds afterwards. */
  readonly items: readonly ChannelItem[];
  readonly added: readonly ChannelItem[];
  /** As they are afterwards. */
  readonly changed: readonly ChannelItem[];
  readonly removed: readonly ChannelItem[];
  readonly unchanged: readonly ChannelItem[];
}

/** What a manifest makes of the packages of a channel. `wanted` names no package twice. */
export function mergeItems(
  before: readonly ChannelItem[],
  wanted: readonly ChannelItem[],
  removesOthers: boolean,
): MergedItems {
  const wantedByName = new Map(wanted.map((item) => [nameOf(item), item]));
  const knownNames = new Set(before.map(nameOf));
  const added = wanted.filter((item) => !knownNames.has(nameOf(item)));
  const items: ChannelItem[] = [];
  const changed: ChannelItem[] = [];
  const removed: ChannelItem[] = [];
  const unchanged: ChannelItem[] = [];
  for (const item of before) {
    const after = wantedByName.get(nameOf(item));
    if (after === undefined && removesOthers) removed.push(item);
    else {
      items.push(after ?? item);
      if (after === undefined || isSame(item, after)) unchanged.push(item);
      else changed.push(after);
    }
  }
  return { items: [...items, ...added], added, changed, removed, unchanged };
}

function nameOf({ guid, version }: ChannelItem): string {
  return `${guid} ${version ?? ''}`;
}

function isSame(a: ChannelItem, b: ChannelItem): boolean {
  return a.notBeforeMs === b.notBeforeMs && a.expiresAtMs === b.expiresAtMs && a.priority === b.priority;
}
