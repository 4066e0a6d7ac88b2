import type { PeerPresence, SubnetDirectoryPort } from '../agent/ports.ts';
import { SubnetDirectory } from '../agent/subnet-directory.ts';
import type { AgentId } from '../base/ids.ts';
import type { Cidr } from '../base/ipv4.ts';
import { formatCidr } from '../base/ipv4.ts';

/**
 * One directory for a whole subnet: what 200 agents would each keep of 200 others is kept once. Each agent has a view of
 * it, which adds only whom this agent has heard itself, so that it decides as with a directory of its own.
 */
export class SharedSubnetDirectory {
  readonly #shared = new SubnetDirectory();

  /** `directoryOf` says which subnet the agent is in at the moment. */
  static viewOf(directoryOf: () => SharedSubnetDirectory): SubnetDirectoryPort {
    return new DirectoryView(() => directoryOf().#shared);
  }
}

class DirectoryView implements SubnetDirectoryPort {
  readonly #sharedNow: () => SubnetDirectory;
  readonly #heard = new Map<AgentId, number>();
  /** What is asked for most, by subnet: the own one, and additional ones. */
  readonly #views = new Map<
    string,
    { readonly peers: readonly PeerPresence[]; readonly of: readonly PeerPresence[] }
  >();

  constructor(sharedNow: () => SubnetDirectory) {
    this.#sharedNow = sharedNow;
  }

  get #shared(): SubnetDirectory {
    return this.#sharedNow();
  }

  heard(presence: PeerPresence, nowMs: number): 'new' | 'changed' | 'refreshed' {
    const knownBoot = this.#heard.get(presence.agentId);
    const before = this.#shared.find(presence.agentId);
    // Who has missed the announcement knows no name: others have heard it.
    const isNamed = presence.name !== '' || before === null;
    const outcome = this.#shared.heard(isNamed ? presence : { ...presence, name: before.name }, nowMs);
    if (knownBoot === presence.bootId && outcome === 'refreshed' && before !== null) return 'refreshed';
    this.#heard.set(presence.agentId, presence.bootId);
    this.#views.clear();
    if (knownBoot === undefined) return 'new';
    return outcome === 'refreshed' && knownBoot === presence.bootId ? 'refreshed' : 'changed';
  }

  gone(_subnet: Cidr, agentId: AgentId): void {
    // For this agent alone: others may have missed the goodbye, and then believe in the peer until its timeout.
    if (this.#heard.delete(agentId)) this.#views.clear();
  }

  find(agentId: AgentId): PeerPresence | null {
    return this.#heard.has(agentId) ? this.#shared.find(agentId) : null;
  }

  lastHeardMs(agentId: AgentId): number | null {
    return this.#heard.has(agentId) ? this.#shared.lastHeardMs(agentId) : null;
  }

  peersOf(subnet: Cidr): readonly PeerPresence[] {
    const shared = this.#shared.peersOf(subnet);
    const key = formatCidr(subnet);
    const view = this.#views.get(key);
    if (view?.of === shared) return view.peers;
    const peers = shared.filter(({ agentId }) => this.#heard.has(agentId));
    this.#views.set(key, { peers, of: shared });
    return peers;
  }
}
