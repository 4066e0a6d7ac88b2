import type { PackageKey } from '../../../shared/base/ids.ts';
import type { PrepositionedPackage } from '../../../shared/contracts/agent-api.ts';
import type { ChannelTerms, KeptPackage, PackageServerPlace } from '../../../shared/server/channels/channel-terms.ts';
import { keptFor, nextExpiryMs, PackageVersions } from '../../../shared/server/channels/channel-terms.ts';
import { isAssignedTo } from '../../../shared/server/package-assignment.ts';
import type { StoredPackage } from '../../database/stores/package-store.ts';
import type { Organisation } from '../organisation.ts';

type Kept = ReadonlyMap<PackageKey, KeptPackage<StoredPackage>>;

/** What Package Servers keep without being asked: what is assigned to them, and what channels bring. */
export class ChannelRoles {
  readonly #organisation: Organisation;
  readonly #now: () => number;
  /** Of this generation of the organisation. */
  #kept: {
    readonly generation: number;
    readonly versions: PackageVersions<StoredPackage>;
    readonly byPlace: Map<string, Kept>;
  } | null = null;
  /** When the next package of a channel expires. */
  #expiry: { readonly generation: number; readonly atMs: number | null } | null = null;
  #followedMs: number;

  constructor(organisation: Organisation, now: () => number) {
    this.#organisation = organisation;
    this.#now = now;
    this.#followedMs = now();
  }

  isKept(place: PackageServerPlace, key: PackageKey): boolean {
    return isAssignedTo(this.#organisation.packageAssignment(key), place) || this.#keptFor(place).has(key);
  }

  /** Newest first; one with several terms is there several times. */
  packagesFor(place: PackageServerPlace): PrepositionedPackage[] {
    const organisation = this.#organisation;
    const kept = this.#keptFor(place);
    return organisation.packages.flatMap((stored): PrepositionedPackage[] => {
      const { guid, version, key, name, totalSizeBytes, withdrawnAtMs } = stored;
      if (withdrawnAtMs !== null) return [];
      const subject = { guid, version, key, name, totalSizeBytes };
      const assigned = isAssignedTo(organisation.packageAssignment(key), place) ? [subject] : [];
      return [...assigned, ...(kept.get(key)?.terms ?? []).map((terms) => ({ ...subject, ...shortened(terms) }))];
    });
  }

  /** Looks at the clock: what has expired since the last look is a change, of which Package Servers have to be told. */
  followTime(): void {
    const { generation, channels } = this.#organisation;
    const nowMs = this.#now();
    if (this.#expiry?.generation !== generation) {
      // From the look before on: what expired between that and now was told to nobody.
      this.#expiry = { generation, atMs: nextExpiryMs(channels, this.#followedMs) };
    }
    const { atMs } = this.#expiry;
    this.#followedMs = nowMs;
    if (atMs !== null && atMs <= nowMs) this.#organisation.changed('channels');
  }

  #keptFor(place: PackageServerPlace): Kept {
    const { generation, channels, packages } = this.#organisation;
    if (this.#kept?.generation !== generation) {
      this.#kept = { generation, versions: new PackageVersions(packages), byPlace: new Map() };
    }
    const { versions, byPlace } = this.#kept;
    const name = `${place.agentId} ${place.siteId ?? ''}`;
    const known = byPlace.get(name);
    if (known !== undefined) return known;
    const kept = keptFor(channels, place, versions, this.#now());
    byPlace.set(name, kept);
    return kept;
  }
}

/** Without what is understood: at once, always, normal. */
function shortened({ priority, availableFromMs, windows }: ChannelTerms) {
  return {
    ...(priority === 'normal' ? {} : { priority }),
    ...(availableFromMs === null ? {} : { availableFromMs }),
    ...(windows.length === 0 ? {} : { windows }),
  };
}
