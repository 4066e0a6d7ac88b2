import type { AnnouncedPackage } from '../agent/datagram-message.ts';
import type { PeerNumbers } from '../agent/peer-numbers.ts';
import type { PeerPresence, SubnetDirectoryPort } from '../agent/ports.ts';
import { SubnetDirectory } from '../agent/subnet-directory.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Cidr } from '../base/ipv4.ts';
import { isSameCidr } from '../base/ipv4.ts';

/** Peers that columns have room for at first. */
const firstColumn = 16;

/**
 * One directory for a whole subnet: what 200 agents would each keep of 200 others is kept once. Each agent has a view of
 * it, which adds only whom this agent has heard itself, so that it decides as with a directory of its own. Where datagrams
 * get lost, it takes a peer for heard when others have heard it: that it is there is the truth all the same.
 */
export class SharedSubnetDirectory {
  readonly #shared = new SubnetDirectory();

  /** `directoryOf` says which subnet the agent is in at the moment. */
  static viewOf(
    directoryOf: () => SharedSubnetDirectory,
    setAttentive: (isAttentive: boolean) => void,
  ): SubnetDirectoryPort {
    return new DirectoryView(() => directoryOf().#shared, setAttentive);
  }

  /** Everybody has heard the peer again, which is known. */
  announcedAgain(agentId: AgentId, bootId: number, packages: readonly AnnouncedPackage[], nowMs: number): void {
    this.#shared.heardAgain(agentId, nowMs);
    this.#shared.noteAnnounced(agentId, bootId, packages);
  }
}

/** The whole of one subnet as an agent sees it that has not heard everybody. */
interface PartialView {
  readonly subnet: Cidr;
  readonly of: readonly PeerPresence[];
  readonly peers: readonly PeerPresence[];
}

class DirectoryView implements SubnetDirectoryPort {
  /** An agent that moves is among others: its numbers are its own. */
  readonly numbers: PeerNumbers;
  readonly #sharedNow: () => SubnetDirectory;
  /** By number: 1 more than the boot id under which the peer was heard, which has 31 bits here; 0 = not heard, or gone. */
  #heardBoots = new Uint32Array(firstColumn);
  /** By number: of the first announcement heard in that life of the peer; 0 = none. */
  #firstVersions = new Uint32Array(firstColumn);
  #heardCount = 0;
  /** What is asked for most: the own subnet. */
  #view: PartialView | null = null;

  readonly setAttentive: (isAttentive: boolean) => void;

  constructor(sharedNow: () => SubnetDirectory, setAttentive: (isAttentive: boolean) => void) {
    this.#sharedNow = sharedNow;
    this.setAttentive = setAttentive;
    this.numbers = sharedNow().numbers;
  }

  get #shared(): SubnetDirectory {
    return this.#sharedNow();
  }

  heard(presence: PeerPresence, nowMs: number): 'new' | 'changed' | 'refreshed' {
    const number = this.numbers.take(presence.agentId);
    const knownBoot = (this.#heardBoots[number] ?? 0) - 1;
    const shared = this.#shared;
    const before = shared.find(presence.agentId);
    // Who has missed the announcement knows no name: others have heard it.
    const isNamed = presence.name !== '' || before === null;
    const outcome = shared.heard(isNamed ? presence : { ...presence, name: before.name }, nowMs);
    if (knownBoot === presence.bootId && outcome === 'refreshed' && before !== null) return 'refreshed';
    this.#noteHeard(number, presence.bootId);
    if (knownBoot < 0) return 'new';
    return outcome === 'refreshed' && knownBoot === presence.bootId ? 'refreshed' : 'changed';
  }

  gone(_subnet: Cidr, agentId: AgentId): void {
    // For this agent alone: others may have missed the goodbye, and then believe in the peer until its timeout.
    if (!this.#hasHeard(agentId)) return;
    this.#heardBoots[this.numbers.find(agentId)] = 0;
    this.#firstVersions[this.numbers.find(agentId)] = 0;
    this.#heardCount--;
    this.#view = null;
  }

  find(agentId: AgentId): PeerPresence | null {
    return this.#hasHeard(agentId) ? this.#shared.find(agentId) : null;
  }

  lastHeardMs(agentId: AgentId): number | null {
    return this.#hasHeard(agentId) ? this.#shared.lastHeardMs(agentId) : null;
  }

  heardAgain(agentId: AgentId, nowMs: number): void {
    this.#shared.heardAgain(agentId, nowMs);
  }

  noteAnnounced(agentId: AgentId, bootId: number, packages: readonly AnnouncedPackage[]): void {
    const number = this.numbers.find(agentId);
    this.#shared.noteAnnounced(agentId, bootId, packages);
    if (this.#heardBoots[number] !== bootId + 1 || this.#firstVersions[number] !== 0) return;
    this.#firstVersions[number] = this.#shared.announcementVersionOf(agentId);
  }

  announcedBy(agentId: AgentId, key: PackageKey): AnnouncedPackage | null {
    const firstVersion = this.#firstVersionOf(agentId);
    return firstVersion > 0 ? this.#shared.announcedBy(agentId, key, firstVersion) : null;
  }

  hasAnnounced(agentId: AgentId): boolean {
    return this.#firstVersionOf(agentId) > 0;
  }

  peersOf(subnet: Cidr): readonly PeerPresence[] {
    const shared = this.#shared.peersOf(subnet);
    const view = this.#view;
    if (view !== null && view.of === shared && isSameCidr(view.subnet, subnet)) return view.peers;
    const areAllHeard = shared.length <= this.#heardCount && shared.every(({ agentId }) => this.#hasHeard(agentId));
    const peers = areAllHeard ? shared : shared.filter(({ agentId }) => this.#hasHeard(agentId));
    this.#view = { subnet, of: shared, peers };
    return peers;
  }

  everybodyIn(subnet: Cidr): readonly PeerPresence[] {
    return this.#shared.peersOf(subnet);
  }

  /** Of the first announcement heard here in the life that the peer is in; others may have heard it in a later one. */
  #firstVersionOf(agentId: AgentId): number {
    const number = this.numbers.find(agentId);
    const bootId = this.#shared.find(agentId)?.bootId;
    if (number < 0 || bootId === undefined || this.#heardBoots[number] !== bootId + 1) return 0;
    return this.#firstVersions[number] ?? 0;
  }

  #hasHeard(agentId: AgentId): boolean {
    const number = this.numbers.find(agentId);
    return number >= 0 && (this.#heardBoots[number] ?? 0) !== 0;
  }

  #noteHeard(number: number, bootId: number): void {
    if (number >= this.#heardBoots.length) this.#grow(number);
    if ((this.#heardBoots[number] ?? 0) === 0) this.#heardCount++;
    if (this.#heardBoots[number] !== bootId + 1) this.#firstVersions[number] = 0;
    this.#heardBoots[number] = bootId + 1;
    this.#view = null;
  }

  #grow(number: number): void {
    let length = this.#heardBoots.length;
    while (number >= length) length *= 2;
    const boots = new Uint32Array(length);
    boots.set(this.#heardBoots);
    this.#heardBoots = boots;
    const versions = new Uint32Array(length);
    versions.set(this.#firstVersions);
    this.#firstVersions = versions;
  }
}
