import type { AgentId, PackageKey } from '../base/ids.ts';
import type { AnnouncedPackageState } from '../contracts/package-state.ts';
import type { PeerTable } from './peer-table.ts';

export interface FoundHolder {
  readonly peer: AgentId;
  readonly state: AnnouncedPackageState;
}

/** Where an agent learns who has a package. What a peer itself says of its blocks weighs more; this is where to ask. */
export interface HolderFinder {
  /** Live holders known at this moment, in the order of subnets and ids. */
  known(key: PackageKey): readonly FoundHolder[];
  /** Looks the key up: each holder reaches `found`, at once or when it becomes known. */
  lookUp(key: PackageKey, found: (holder: FoundHolder) => void): void;
}

/** Finds holders by what peers have announced of themselves. */
export class AnnouncedHolders implements HolderFinder {
  readonly #peers: PeerTable;

  constructor(peers: PeerTable) {
    this.#peers = peers;
  }

  known(key: PackageKey): readonly FoundHolder[] {
    return this.#peers.alive().flatMap(({ agentId }) => {
      const announced = this.#peers.record(agentId).announced.get(key);
      return announced === undefined ? [] : [{ peer: agentId, state: announced.state }];
    });
  }

  lookUp(key: PackageKey, found: (holder: FoundHolder) => void): void {
    for (const holder of this.known(key)) found(holder);
  }
}
