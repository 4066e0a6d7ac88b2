import type { AgentId, PackageKey } from '../base/ids.ts';
import type { AnnouncedPackage } from './datagram-message.ts';

/** Packages of one peer. An announcement names 8, and whoever makes up keys gains nothing beyond. */
const maxKept = 256;

interface Announced {
  /** The life of the peer that said so. */
  readonly bootId: number;
  /** The one announced last is last. */
  readonly packages: readonly AnnouncedPackage[];
}

/** What the peers have said that they have. Mostly that is what was in their last announcement, which is kept as it came. */
export class AnnouncedPackages {
  readonly #byPeer = new Map<AgentId, Announced>();

  find(peer: AgentId, key: PackageKey): AnnouncedPackage | null {
    return this.#byPeer.get(peer)?.packages.find((announced) => announced.key === key) ?? null;
  }

  /** Beyond `maxKept` the oldest word is forgotten: the DHT knows the rest. */
  note(peer: AgentId, bootId: number, packages: readonly AnnouncedPackage[]): void {
    if (packages.length === 0) return;
    const before = this.#byPeer.get(peer)?.packages ?? [];
    const kept = before.filter(({ key }) => !packages.some((announced) => announced.key === key));
    this.#byPeer.set(peer, { bootId, packages: kept.length === 0 ? packages : [...kept, ...packages].slice(-maxKept) });
  }

  /** A new life of the peer has what it says anew. */
  heardBoot(peer: AgentId, bootId: number): void {
    const known = this.#byPeer.get(peer);
    if (known !== undefined && known.bootId !== bootId) this.#byPeer.delete(peer);
  }

  forget(peer: AgentId): void {
    this.#byPeer.delete(peer);
  }

  peers(): AgentId[] {
    return [...this.#byPeer.keys()];
  }
}
