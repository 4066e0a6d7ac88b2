import type { AgentId, PackageKey } from '../base/ids.ts';
import type { AnnouncedPackage } from './datagram-message.ts';

/** Packages of one peer. An announcement names 8, and whoever makes up keys gains nothing beyond. */
const maxKept = 256;

interface Announced {
  /** As it came. */
  readonly last: readonly AnnouncedPackage[];
  /** Its number: rises with each that says something else. */
  readonly version: number;
  /** Named before and not since, oldest first, with the last version that did. */
  readonly before: readonly { readonly announced: AnnouncedPackage; readonly version: number }[];
}

/** What the peers have said that they have. Mostly that is what was in their last announcement, which is kept as it came. */
export class AnnouncedPackages {
  readonly #byPeer = new Map<AgentId, Announced>();

  /** `sinceVersion`: what was said before is not counted. */
  find(peer: AgentId, key: PackageKey, sinceVersion = 0): AnnouncedPackage | null {
    const known = this.#byPeer.get(peer);
    if (known === undefined) return null;
    const named = known.last.find((announced) => announced.key === key);
    if (named !== undefined) return named;
    const earlier = known.before.find(({ announced }) => announced.key === key);
    return earlier !== undefined && earlier.version >= sinceVersion ? earlier.announced : null;
  }

  /** Beyond `maxKept` the oldest word is forgotten: the DHT knows the rest. */
  note(peer: AgentId, last: readonly AnnouncedPackage[]): void {
    const known = this.#byPeer.get(peer);
    if (known !== undefined && areSame(known.last, last)) return;
    const version = (known?.version ?? 0) + 1;
    const named = (known?.last ?? []).map((announced) => ({ announced, version: version - 1 }));
    const before = [...(known?.before ?? []), ...named].filter(
      ({ announced }) => !last.some(({ key }) => key === announced.key),
    );
    this.#byPeer.set(peer, { last, version, before: before.slice(-(maxKept - last.length)) });
  }

  /** Of the last announcement; 0 where there was none. */
  versionOf(peer: AgentId): number {
    return this.#byPeer.get(peer)?.version ?? 0;
  }

  forget(peer: AgentId): void {
    this.#byPeer.delete(peer);
  }
}

function areSame(some: readonly AnnouncedPackage[], others: readonly AnnouncedPackage[]): boolean {
  if (some === others) return true;
  return (
    some.length === others.length &&
    some.every(({ key, state, blocks }, place) => {
      const other = others[place];
      return other?.key === key && other.state === state && other.blocks === blocks;
    })
  );
}
