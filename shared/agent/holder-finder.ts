import type { AgentId, PackageKey } from '../base/ids.ts';
import type { AnnouncedPackageState } from '../contracts/package-state.ts';
import type { PeerTable } from './peer-table.ts';

export interface FoundHolder {
  readonly peer: AgentId;
  readonly state: AnnouncedPackageState;
}

export interface HolderListener {
  /** A live peer that was heard itself, and is said by others to hold the package: a reason to ask it for its map. */
  found(peer: AgentId): void;
  /** Nothing more is to come; called once, and last. */
  ended(): void;
}

/** Where an agent learns who has a package. What a peer itself says of its blocks weighs more; this is where to ask. */
export interface HolderFinder {
  /** Live holders known at this moment by their own word, in the order of subnets and ids. */
  known(key: PackageKey): readonly FoundHolder[];
  /** Looks for holders beyond the known ones: each is told at once or when it becomes known. */
  lookUp(key: PackageKey, listener: HolderListener): void;
}

/** Finds holders by what peers have announced of themselves. */
export class AnnouncedHolders implements HolderFinder {
  readonly #peers: PeerTable;

  constructor(peers: PeerTable) {
    this.#peers = peers;
  }

  known(key: PackageKey): readonly FoundHolder[] {
    const found: FoundHolder[] = [];
    for (const { cidr } of this.#peers.subnets) {
      for (const { agentId } of this.#peers.everybodyIn(cidr)) {
        const announced = this.#peers.announcedBy(agentId, key);
        if (announced !== null && this.#peers.isAlive(agentId)) found.push({ peer: agentId, state: announced.state });
      }
    }
    return found;
  }

  /** Announcements are all that there is. */
  lookUp(_key: PackageKey, listener: HolderListener): void {
    listener.ended();
  }
}
