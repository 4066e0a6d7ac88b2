import type { AgentId, PackageKey } from '../base/ids.ts';
import type { HolderValue } from '../dht/messages.ts';
import type { AgentContext } from './agent-context.ts';
import { claimTimes } from './claim-times.ts';
import type { FoundHolder, HolderFinder, HolderListener } from './holder-finder.ts';
import { AnnouncedHolders } from './holder-finder.ts';
import type { PeerSubnet } from './peer-table.ts';
import type { PeerEndpoint } from './ports.ts';

/** The part of `SubnetDhts` that finds. */
export interface HolderSearch {
  lookUp(kind: PeerSubnet['kind'], key: PackageKey, ended: (holders: readonly HolderValue[]) => void): void;
}

export interface DhtHoldersOwner {
  /** A stranger answered a probe: a peer from now on. */
  met(peer: PeerEndpoint, bootId: number, name: string): void;
}

/**
 * Finds holders by what peers have announced, then in the DHT of own subnets, and where nobody lives there in that of
 * additional ones. Who was not heard itself is probed first: another's word makes nobody a peer.
 */
export class DhtHolders implements HolderFinder {
  readonly #context: AgentContext;
  readonly #dhts: HolderSearch;
  readonly #owner: DhtHoldersOwner;
  readonly #announced: AnnouncedHolders;

  constructor(context: AgentContext, dhts: HolderSearch, owner: DhtHoldersOwner) {
    this.#context = context;
    this.#dhts = dhts;
    this.#owner = owner;
    this.#announced = new AnnouncedHolders(context.peers);
  }

  known(key: PackageKey): readonly FoundHolder[] {
    return this.#announced.known(key);
  }

  lookUp(key: PackageKey, listener: HolderListener): void {
    const known = this.known(key);
    // Peers that have everything, as many as are asked at a time: the DHT could only name more of the same.
    const ready = known.filter(({ state }) => state === 'ready').length;
    if (ready >= this.#context.settings.peersPerAttempt) {
      listener.ended();
      return;
    }
    const told = new Set(known.map(({ peer }) => peer));
    this.#lookUpIn('own', key, told, listener, (found) => {
      if (found + ready > 0) listener.ended();
      else this.#lookUpIn('additional', key, told, listener, () => listener.ended());
    });
  }

  #lookUpIn(
    kind: PeerSubnet['kind'],
    key: PackageKey,
    told: Set<AgentId>,
    listener: HolderListener,
    ended: (found: number) => void,
  ): void {
    this.#dhts.lookUp(kind, key, (values) => {
      let found = 0;
      let waiting = 1;
      const settle = (): void => {
        waiting--;
        if (waiting === 0) ended(found);
      };
      const tell = ({ agentId }: HolderValue): void => {
        found++;
        listener.found(agentId);
      };
      const strangers: HolderValue[] = [];
      for (const value of values) {
        if (told.has(value.agentId)) continue;
        told.add(value.agentId);
        if (this.#context.peers.isAlive(value.agentId)) tell(value);
        else if (this.#mayBePeer(value)) strangers.push(value);
      }
      for (const value of strangers.slice(0, this.#context.settings.peersPerAttempt)) {
        waiting++;
        this.#probe(value, (isPeer) => {
          if (isPeer) tell(value);
          settle();
        });
      }
      settle();
    });
  }

  #mayBePeer({ agentId, address }: HolderValue): boolean {
    const { peers, ownId } = this.#context;
    return agentId !== ownId && !peers.isBanned(agentId) && peers.subnetOf(address) !== null;
  }

  #probe({ agentId, address, port }: HolderValue, ended: (isPeer: boolean) => void): void {
    const { commands, ports, peers } = this.#context;
    const peer = { agentId, address, port };
    const commandId = commands.begin((result) => {
      if (result.kind === 'helloAnswered') this.#owner.met(peer, result.bootId, result.name);
      ended(result.kind === 'helloAnswered' && peers.isAlive(agentId));
    });
    ports.transfers.hello({ commandId, peer, timeoutMs: claimTimes.probeTimeoutMs });
  }
}
