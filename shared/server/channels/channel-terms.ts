import type { AgentId, PackageGuid, PackageKey } from '../../base/ids.ts';
import type { ChannelContent, ChannelItem, ChannelSubscribers } from '../../contracts/channels.ts';
import type { DeliveryPriority } from '../../contracts/package-state.ts';

/** What a channel asks of its subscribers, as rules need it. */
export type ChannelRules = Pick<ChannelContent, 'priority' | 'windows' | 'items' | 'subscribers'>;

export interface PackageServerPlace {
  readonly agentId: AgentId;
  /** That it serves. */
  readonly siteId: string | null;
}

export interface ChannelPackage {
  readonly key: PackageKey;
  readonly guid: PackageGuid;
  readonly version: string;
  readonly withdrawnAtMs: number | null;
}

/** On what terms a Package Server copies a package for a channel. */
export interface ChannelTerms {
  readonly priority: DeliveryPriority;
  readonly availableFromMs: number | null;
  readonly windows: ChannelContent['windows'];
}

export function isSubscribed({ all, siteIds, agentIds }: ChannelSubscribers, place: PackageServerPlace): boolean {
  return all || agentIds.includes(place.agentId) || (place.siteId !== null && siteIds.includes(place.siteId));
}

export function isExpired({ expiresAtMs }: ChannelItem, nowMs: number): boolean {
  return expiresAtMs !== null && nowMs >= expiresAtMs;
}

export function termsOf({ priority, windows }: ChannelRules, item: ChannelItem): ChannelTerms {
  return { priority: item.priority ?? priority, availableFromMs: item.notBeforeMs, windows };
}

/** The versions of packages, as items of channels name them. */
export class PackageVersions<Package extends ChannelPackage> {
  readonly #byGuid = new Map<PackageGuid, Package[]>();

  /** @param packages newest first */
  constructor(packages: readonly Package[]) {
    for (const one of packages) {
      const versions = this.#byGuid.get(one.guid);
      if (versions === undefined) this.#byGuid.set(one.guid, [one]);
      else versions.push(one);
    }
  }

  /** The version that is meant, a withdrawn one included; of the newest, the newest that is not. Null: there is none. */
  meantBy({ guid, version }: Pick<ChannelItem, 'guid' | 'version'>): Package | null {
    const versions = this.#byGuid.get(guid) ?? [];
    const isMeant = (one: Package) => (version === null ? one.withdrawnAtMs === null : one.version === version);
    return versions.find(isMeant) ?? null;
  }

  /** Of any version, for its name. */
  anyOf(guid: PackageGuid): Package | null {
    return this.#byGuid.get(guid)?.[0] ?? null;
  }
}

export interface KeptPackage<Package> {
  readonly subject: Package;
  /** At least one, and none twice. */
  readonly terms: readonly ChannelTerms[];
}

/** What channels let a Package Server keep, now or later. */
export function keptFor<Package extends ChannelPackage>(
  channels: readonly ChannelRules[],
  place: PackageServerPlace,
  versions: PackageVersions<Package>,
  nowMs: number,
): Map<PackageKey, KeptPackage<Package>> {
  const kept = new Map<PackageKey, KeptPackage<Package>>();
  for (const channel of channels) {
    if (!isSubscribed(channel.subscribers, place)) continue;
    for (const item of channel.items) {
      const subject = isExpired(item, nowMs) ? null : versions.meantBy(item);
      if (subject === null || subject.withdrawnAtMs !== null) continue;
      const terms = termsOf(channel, item);
      const known = kept.get(subject.key)?.terms ?? [];
      if (!known.some((other) => isSame(other, terms))) kept.set(subject.key, { subject, terms: [...known, terms] });
    }
  }
  return kept;
}

/** When the next package expires; null = none will. What comes later is told to Package Servers beforehand. */
export function nextExpiryMs(channels: readonly ChannelRules[], nowMs: number): number | null {
  let next: number | null = null;
  for (const { items } of channels) {
    for (const { expiresAtMs } of items) {
      if (expiresAtMs !== null && expiresAtMs > nowMs && (next === null || expiresAtMs < next)) next = expiresAtMs;
    }
  }
  return next;
}

function isSame(a: ChannelTerms, b: ChannelTerms): boolean {
  return (
    a.priority === b.priority &&
    a.availableFromMs === b.availableFromMs &&
    JSON.stringify(a.windows) === JSON.stringify(b.windows)
  );
}
