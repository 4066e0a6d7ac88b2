import type { AgentId } from '../base/ids.ts';
import type { Cidr } from '../base/ipv4.ts';
import type { PeerPresence, SubnetDirectoryPort } from './ports.ts';

/** Peers one agent remembers. A /22 has 1,022 addresses; whoever floods us with identities gains nothing beyond. */
const maxPresences = 1024;

interface Entry {
  presence: PeerPresence;
  heardAtMs: number;
}

/** Who lives around an agent and when it was last heard: a bookkeeper, it neither sends nor decides. */
export class SubnetDirectory implements SubnetDirectoryPort {
  readonly #entries = new Map<AgentId, Entry>();
  /** Sorted views per subnet, thrown away when its members change: lookups are far more frequent than changes. */
  readonly #views = new Map<string, readonly PeerPresence[]>();

  heard(presence: PeerPresence, nowMs: number): 'new' | 'changed' | 'refreshed' {
    const entry = this.#entries.get(presence.agentId);
    if (entry === undefined) {
      if (this.#entries.size >= maxPresences) this.#forgetLongestSilent();
      this.#entries.set(presence.agentId, { presence, heardAtMs: nowMs });
      this.#views.delete(viewKey(presence.subnet));
      return 'new';
    }
    entry.heardAtMs = nowMs;
    if (isSamePresence(entry.presence, presence)) return 'refreshed';
    this.#views.delete(viewKey(entry.presence.subnet));
    this.#views.delete(viewKey(presence.subnet));
    entry.presence = presence;
    return 'changed';
  }

  gone(subnet: Cidr, agentId: AgentId): void {
    if (this.#entries.delete(agentId)) this.#views.delete(viewKey(subnet));
  }

  find(agentId: AgentId): PeerPresence | null {
    return this.#entries.get(agentId)?.presence ?? null;
  }

  lastHeardMs(agentId: AgentId): number | null {
    return this.#entries.get(agentId)?.heardAtMs ?? null;
  }

  peersOf(subnet: Cidr): readonly PeerPresence[] {
    const key = viewKey(subnet);
    const view = this.#views.get(key);
    if (view !== undefined) return view;
    const made = [...this.#entries.values()]
      .map((entry) => entry.presence)
      .filter((presence) => viewKey(presence.subnet) === key)
      .sort((a, b) => (a.agentId < b.agentId ? -1 : 1));
    this.#views.set(key, made);
    return made;
  }

  #forgetLongestSilent(): void {
    let oldest: Entry | null = null;
    for (const entry of this.#entries.values()) {
      if (oldest === null || entry.heardAtMs < oldest.heardAtMs) oldest = entry;
    }
    if (oldest !== null) this.gone(oldest.presence.subnet, oldest.presence.agentId);
  }
}

function viewKey(subnet: Cidr): string {
  return `${subnet.network}/${subnet.prefixLength}`;
}

function isSamePresence(a: PeerPresence, b: PeerPresence): boolean {
  if (a === b) return true;
  return (
    a.address === b.address &&
    a.port === b.port &&
    a.bootId === b.bootId &&
    a.name === b.name &&
    viewKey(a.subnet) === viewKey(b.subnet)
  );
}
