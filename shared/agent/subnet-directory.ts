import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Cidr } from '../base/ipv4.ts';
import { AnnouncedPackages } from './announced-packages.ts';
import type { AnnouncedPackage } from './datagram-message.ts';
import { PeerNumbers } from './peer-numbers.ts';
import type { PeerPresence, SubnetDirectoryPort } from './ports.ts';

/** Peers one agent remembers. A /22 has 1,022 addresses; whoever floods us with identities gains nothing beyond. */
const maxPresences = 1024;

interface Entry {
  presence: PeerPresence;
  heardAtMs: number;
}

/** Who lives around an agent and when it was last heard: a bookkeeper, it neither sends nor decides. */
export class SubnetDirectory implements SubnetDirectoryPort {
  readonly numbers = new PeerNumbers();
  readonly #entries = new Map<AgentId, Entry>();
  /** Sorted views per subnet, thrown away when its members change: lookups are far more frequent than changes. */
  readonly #views = new Map<string, readonly PeerPresence[]>();
  readonly #announced = new AnnouncedPackages();

  heard(presence: PeerPresence, nowMs: number): 'new' | 'changed' | 'refreshed' {
    const entry = this.#entries.get(presence.agentId);
    if (entry === undefined) {
      if (this.#entries.size >= maxPresences) this.#forgetLongestSilent();
      this.#entries.set(presence.agentId, { presence, heardAtMs: nowMs });
      this.#views.delete(viewKey(presence.subnet));
      return 'new';
    }
    entry.heardAtMs = nowMs;
    if (entry.presence.bootId !== presence.bootId) this.#announced.forget(presence.agentId);
    if (isSamePresence(entry.presence, presence)) return 'refreshed';
    this.#views.delete(viewKey(entry.presence.subnet));
    this.#views.delete(viewKey(presence.subnet));
    entry.presence = presence;
    return 'changed';
  }

  gone(subnet: Cidr, agentId: AgentId): void {
    if (this.#entries.delete(agentId)) this.#views.delete(viewKey(subnet));
    this.#announced.forget(agentId);
  }

  heardAgain(agentId: AgentId, nowMs: number): void {
    const entry = this.#entries.get(agentId);
    if (entry !== undefined) entry.heardAtMs = nowMs;
  }

  noteAnnounced(agentId: AgentId, bootId: number, packages: readonly AnnouncedPackage[]): void {
    if (this.#entries.get(agentId)?.presence.bootId === bootId) this.#announced.note(agentId, packages);
  }

  /** `sinceVersion`: not what was said before. */
  announcedBy(agentId: AgentId, key: PackageKey, sinceVersion = 0): AnnouncedPackage | null {
    return this.#announced.find(agentId, key, sinceVersion);
  }

  /** Of the peer's last announcement, rising; 0 where none was heard in this life of it. */
  announcementVersionOf(agentId: AgentId): number {
    return this.#announced.versionOf(agentId);
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

  /** What comes over a network is heard anyway. */
  readonly setAttentive = (): void => undefined;

  hasAnnounced(agentId: AgentId): boolean {
    return this.announcementVersionOf(agentId) > 0;
  }

  everybodyIn(subnet: Cidr): readonly PeerPresence[] {
    return this.peersOf(subnet);
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
