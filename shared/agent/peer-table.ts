import type { ClockPort } from '../base/clock.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Cidr, Ipv4 } from '../base/ipv4.ts';
import { cidrContains } from '../base/ipv4.ts';
import type { AnnouncedPackage } from './datagram-message.ts';
import type { AgentInterfaceAddress, PeerEndpoint, PeerPresence, SubnetDirectoryPort } from './ports.ts';

/** Window over which the rates of the diagnostics page are taken. */
const rateWindowMs = 5000;
/** After the third bad block a peer is asked nothing more. */
const badBlocksUntilBan = 3;

export interface PeerRecord {
  roundTripMs: number | null;
  bytesIn: number;
  bytesOut: number;
  refusals: number;
  badBlocks: number;
  /** When a request or probe failed as if nobody were there; null after any later word of the peer. */
  unreachableSinceMs: number | null;
  announced: ReadonlyMap<PackageKey, AnnouncedPackage>;
  readonly rateIn: RateMeter;
  readonly rateOut: RateMeter;
}

/** Peers of this agent: who may be one (isolation), who is alive, and what we went through with each. */
export class PeerTable {
  readonly #clock: ClockPort;
  readonly #directory: SubnetDirectoryPort;
  readonly #ownId: AgentId;
  readonly #records = new Map<AgentId, PeerRecord>();
  #interfaces: readonly AgentInterfaceAddress[] = [];
  #unavailablePeerTimeoutMs = 180_000;

  constructor(clock: ClockPort, directory: SubnetDirectoryPort, ownId: AgentId) {
    this.#clock = clock;
    this.#directory = directory;
    this.#ownId = ownId;
  }

  setInterfaces(interfaces: readonly AgentInterfaceAddress[]): void {
    this.#interfaces = interfaces;
  }

  setUnavailablePeerTimeout(unavailablePeerTimeoutMs: number): void {
    this.#unavailablePeerTimeoutMs = unavailablePeerTimeoutMs;
  }

  get interfaces(): readonly AgentInterfaceAddress[] {
    return this.#interfaces;
  }

  /** The own subnet that the address is in, or null: isolation is strict, nobody else becomes a peer. */
  subnetOf(address: Ipv4): Cidr | null {
    return this.#interfaces.find((candidate) => cidrContains(candidate.subnet, address))?.subnet ?? null;
  }

  /** The interface through which the peer is reached. */
  interfaceTo(address: Ipv4): AgentInterfaceAddress | null {
    return this.#interfaces.find((candidate) => cidrContains(candidate.subnet, address)) ?? null;
  }

  /** Takes note of a sign of life; null where the address lies outside of the subnets that peers may come from. */
  heard(endpoint: PeerEndpoint, bootId: number, name: string | null): 'new' | 'changed' | 'refreshed' | null {
    const subnet = this.subnetOf(endpoint.address);
    if (subnet === null || endpoint.agentId === this.#ownId) return null;
    const known = this.#directory.find(endpoint.agentId);
    const presence = { ...endpoint, bootId, subnet, name: name ?? known?.name ?? '' };
    const change = this.#directory.heard(presence, this.#clock.nowMs());
    const record = this.#records.get(endpoint.agentId);
    if (record !== undefined) {
      record.unreachableSinceMs = null;
      if (known !== null && known.bootId !== bootId) record.announced = new Map();
    }
    return change;
  }

  byebye(agentId: AgentId): void {
    const presence = this.#directory.find(agentId);
    if (presence !== null) this.#directory.gone(presence.subnet, agentId);
    this.#records.delete(agentId);
  }

  find(agentId: AgentId): PeerPresence | null {
    const presence = this.#directory.find(agentId);
    return presence !== null && this.subnetOf(presence.address) !== null ? presence : null;
  }

  isAlive(agentId: AgentId): boolean {
    const heardAtMs = this.#directory.lastHeardMs(agentId);
    if (heardAtMs === null || this.#clock.nowMs() - heardAtMs > this.#unavailablePeerTimeoutMs) return false;
    const record = this.#records.get(agentId);
    if (record !== undefined && record.badBlocks >= badBlocksUntilBan) return false;
    return record?.unreachableSinceMs == null || record.unreachableSinceMs < heardAtMs;
  }

  /** Everybody heard in the own subnets, alive or not, in the order of subnets and ids. */
  all(): PeerPresence[] {
    return this.#interfaces
      .flatMap((adapter) => this.#directory.peersOf(adapter.subnet))
      .filter((presence) => presence.agentId !== this.#ownId);
  }

  alive(): PeerPresence[] {
    return this.all().filter((presence) => this.isAlive(presence.agentId));
  }

  lastHeardMs(agentId: AgentId): number | null {
    return this.#directory.lastHeardMs(agentId);
  }

  record(agentId: AgentId): PeerRecord {
    const known = this.#records.get(agentId);
    if (known !== undefined) return known;
    const made: PeerRecord = {
      roundTripMs: null,
      bytesIn: 0,
      bytesOut: 0,
      refusals: 0,
      badBlocks: 0,
      unreachableSinceMs: null,
      announced: new Map(),
      rateIn: new RateMeter(),
      rateOut: new RateMeter(),
    };
    this.#records.set(agentId, made);
    return made;
  }

  isBanned(agentId: AgentId): boolean {
    return (this.#records.get(agentId)?.badBlocks ?? 0) >= badBlocksUntilBan;
  }

  /** A probe failed: gone until it is heard again. */
  markUnreachable(agentId: AgentId): void {
    this.record(agentId).unreachableSinceMs = this.#clock.nowMs();
  }

  /** Records of peers that the directory has forgotten are forgotten too. */
  prune(): void {
    for (const agentId of [...this.#records.keys()]) {
      if (this.#directory.find(agentId) === null) this.#records.delete(agentId);
    }
  }
}

/** Mean rate over the last seconds, from a few buckets of a second each. */
export class RateMeter {
  readonly #buckets: { second: number; bytes: number }[] = [];

  add(bytes: number, nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    const last = this.#buckets.at(-1);
    if (last?.second === second) last.bytes += bytes;
    else this.#buckets.push({ second, bytes });
    while (this.#buckets.length > rateWindowMs / 1000 + 1) this.#buckets.shift();
  }

  bytesPerSecond(nowMs: number): number {
    const since = nowMs / 1000 - rateWindowMs / 1000;
    let bytes = 0;
    for (const bucket of this.#buckets) if (bucket.second >= since) bytes += bucket.bytes;
    return Math.round((bytes * 1000) / rateWindowMs);
  }
}
