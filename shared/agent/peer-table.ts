import type { ClockPort } from '../base/clock.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Cidr, Ipv4 } from '../base/ipv4.ts';
import { isHostIn, isLoopback, isSameCidr } from '../base/ipv4.ts';
import type { AnnouncedPackage } from './datagram-message.ts';
import { PeerRates } from './peer-rates.ts';
import { PeerTrust } from './peer-trust.ts';
import type { AgentInterfaceAddress, PeerEndpoint, PeerPresence, SubnetDirectoryPort } from './ports.ts';

/** A record of a peer that is forgotten costs little: it may wait so long. */
const pruneSpacingMs = 600_000;

export interface PeerRecord {
  roundTripMs: number | null;
  bytesIn: number;
  bytesOut: number;
  refusals: number;
  /** When a request or probe failed as if nobody were there; null after any later word of the peer. */
  unreachableSinceMs: number | null;
  /** A peer with several addresses: when the one that is used was heard last. Null where no other was heard. */
  addressHeardAtMs: number | null;
  /** When it asked for something last while no word of it had been heard. */
  askedUnheardAtMs: number | null;
}

/** A subnet that peers may be in. */
export interface PeerSubnet {
  readonly cidr: Cidr;
  /** `additional`: reached by unicast only, because the policy or the site says so. */
  readonly kind: 'own' | 'additional';
  /** Whether everybody there is spoken to at once, or each by itself. */
  readonly reach: 'broadcast' | 'unicast';
  /** Through which its peers are spoken to. */
  readonly interface: AgentInterfaceAddress;
}

/** Peers of this agent: who may be one (isolation), who is alive, and what we went through with each. */
export class PeerTable {
  readonly #clock: ClockPort;
  readonly #directory: SubnetDirectoryPort;
  readonly #ownId: AgentId;
  readonly #records = new Map<AgentId, PeerRecord>();
  /** What is coming from each, and what is going to each. */
  readonly ratesIn = new PeerRates();
  readonly ratesOut = new PeerRates();
  readonly #trust = new PeerTrust();
  #interfaces: readonly AgentInterfaceAddress[] = [];
  #additionalSubnets: readonly Cidr[] = [];
  #isUnicastOnly = false;
  #subnets: readonly PeerSubnet[] = [];
  #unavailablePeerTimeoutMs = 180_000;
  #prunedAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: ClockPort, directory: SubnetDirectoryPort, ownId: AgentId) {
    this.#clock = clock;
    this.#directory = directory;
    this.#ownId = ownId;
  }

  /** Returns the peers that are none any longer: those of subnets that are gone. */
  setInterfaces(interfaces: readonly AgentInterfaceAddress[]): AgentId[] {
    this.#interfaces = interfaces;
    return this.#subnetsChanged();
  }

  /** Subnets beside the own ones in which peers may be; returns the peers that are none any longer. */
  setAdditionalSubnets(additionalSubnets: readonly Cidr[]): AgentId[] {
    this.#additionalSubnets = additionalSubnets;
    return this.#subnetsChanged();
  }

  /** On Wi-Fi: no broadcasts, in own subnets either. */
  setUnicastOnly(isUnicastOnly: boolean): void {
    this.#isUnicastOnly = isUnicastOnly;
    this.#subnetsChanged();
  }

  setUnavailablePeerTimeout(unavailablePeerTimeoutMs: number): void {
    this.#unavailablePeerTimeoutMs = unavailablePeerTimeoutMs;
  }

  get interfaces(): readonly AgentInterfaceAddress[] {
    return this.#interfaces;
  }

  /** Own subnets first, then additional ones, the smallest first: an address belongs to the first that contains it. */
  get subnets(): readonly PeerSubnet[] {
    return this.#subnets;
  }

  /** One for each own subnet, where two adapters are in the same; none on Wi-Fi. */
  get broadcastInterfaces(): readonly AgentInterfaceAddress[] {
    return this.#subnets.filter(({ reach }) => reach === 'broadcast').map((subnet) => subnet.interface);
  }

  /** Whose peers have to be found and told one by one: additional ones, and on Wi-Fi the own ones. */
  get unicastSubnets(): readonly PeerSubnet[] {
    return this.#subnets.filter(({ reach }) => reach === 'unicast');
  }

  /** The subnet that the address is in, or null: isolation is strict, nobody else becomes a peer. */
  subnetOf(address: Ipv4): Cidr | null {
    return this.#placeOf(address)?.cidr ?? null;
  }

  /** The interface through which the peer is reached. */
  interfaceTo(address: Ipv4): AgentInterfaceAddress | null {
    return this.#placeOf(address)?.interface ?? null;
  }

  /** Takes note of a sign of life; null where the address lies outside of the subnets that peers may come from. */
  heard(endpoint: PeerEndpoint, bootId: number, name: string | null): 'new' | 'changed' | 'refreshed' | null {
    const subnet = this.subnetOf(endpoint.address);
    if (subnet === null || endpoint.agentId === this.#ownId || this.#trust.isRevoked(endpoint.agentId)) return null;
    const known = this.#directory.find(endpoint.agentId);
    const { agentId, address, port } = this.#keepsAddress(known, endpoint, bootId) ? known : endpoint;
    const heardName = name ?? known?.name ?? '';
    const heardIn = address === endpoint.address ? subnet : (this.subnetOf(address) ?? subnet);
    // Nearly always nothing has changed: then what is known is told to have been heard again.
    const isKnown =
      known !== null &&
      known.address === address &&
      known.port === port &&
      known.bootId === bootId &&
      known.name === heardName &&
      isSameCidr(known.subnet, heardIn);
    const presence = isKnown ? known : { agentId, address, port, bootId, subnet: heardIn, name: heardName };
    const change = this.#directory.heard(presence, this.#clock.nowMs());
    const record = this.#records.get(endpoint.agentId);
    if (record !== undefined) record.unreachableSinceMs = null;
    return change;
  }

  /** The peer is known exactly so, and nobody doubts that it is there. */
  isKnownAs({ agentId, address, port }: PeerEndpoint, bootId: number, name: string): boolean {
    const known = this.#directory.find(agentId);
    if (known === null || known.bootId !== bootId || known.address !== address || known.port !== port) return false;
    if (known.name !== name || !this.#directory.hasAnnounced(agentId)) return false;
    if (this.#trust.isBanned(agentId, this.#clock.nowMs())) return false;
    const record = this.#records.get(agentId);
    return record === undefined || (record.unreachableSinceMs === null && record.addressHeardAtMs === null);
  }

  /** In this life of it. */
  hasAnnounced(agentId: AgentId): boolean {
    return this.#directory.hasAnnounced(agentId);
  }

  heardAgain(agentId: AgentId): void {
    this.#directory.heardAgain(agentId, this.#clock.nowMs());
  }

  /** A known peer answered a request: a sign of life. */
  answered(agentId: AgentId, roundTripMs: number): void {
    const presence = this.find(agentId);
    if (presence !== null) this.heard(presence, presence.bootId, null);
    this.record(agentId).roundTripMs = roundTripMs;
  }

  /** A peer asks for something: a sign of life, as an answer is. Where its words got lost, that is all that is known of it. */
  asked(agentId: AgentId, address: Ipv4): void {
    const presence = this.find(agentId);
    if (presence?.address === address) this.heard(presence, presence.bootId, null);
    else if (presence === null && this.subnetOf(address) !== null) {
      this.record(agentId).askedUnheardAtMs = this.#clock.nowMs();
    }
  }

  byebye(agentId: AgentId): void {
    const presence = this.#directory.find(agentId);
    if (presence !== null) this.#directory.gone(presence.subnet, agentId);
    this.#records.delete(agentId);
  }

  find(agentId: AgentId): PeerPresence | null {
    const presence = this.#directory.find(agentId);
    if (presence === null || this.#trust.isRevoked(agentId)) return null;
    return this.subnetOf(presence.address) === null ? null : presence;
  }

  /** It is known at another address by now: whoever answers there, or nobody, is not it. */
  hasLeft(agentId: AgentId, { address, port }: Pick<PeerEndpoint, 'address' | 'port'>): boolean {
    const known = this.find(agentId);
    return known !== null && (known.address !== address || known.port !== port);
  }

  isAlive(agentId: AgentId): boolean {
    const heardAtMs = this.#directory.lastHeardMs(agentId);
    if (heardAtMs === null || this.#clock.nowMs() - heardAtMs > this.#unavailablePeerTimeoutMs) return false;
    if (this.isBanned(agentId) || this.#trust.isRevoked(agentId)) return false;
    const record = this.#records.get(agentId);
    return record?.unreachableSinceMs == null || record.unreachableSinceMs < heardAtMs;
  }

  /** It is alive, or has asked for something lately and was not heard yet. */
  isThere(agentId: AgentId): boolean {
    return this.isAlive(agentId) || (this.#directory.lastHeardMs(agentId) === null && this.#hasAskedLately(agentId));
  }

  /** Everybody heard in the subnets that peers may be in, alive or not, in the order of subnets and ids. */
  all(): PeerPresence[] {
    return this.#subnets.flatMap(({ cidr }) => this.inSubnet(cidr));
  }

  /** Everybody heard in one subnet, alive or not, in the order of ids. */
  inSubnet(cidr: Cidr): PeerPresence[] {
    return this.#directory
      .peersOf(cidr)
      .filter(({ agentId }) => agentId !== this.#ownId && !this.#trust.isRevoked(agentId));
  }

  /** All of `inSubnet`, and perhaps others, which are never alive: the same list until its members change, and no new one each time. */
  everybodyIn(cidr: Cidr): readonly PeerPresence[] {
    return this.#directory.everybodyIn(cidr);
  }

  /** How many were heard in the subnets that peers may be in, alive or not. */
  get count(): number {
    let count = 0;
    for (const { cidr } of this.#subnets) count += this.#directory.peersOf(cidr).length;
    return count;
  }

  aliveIn(cidr: Cidr): PeerPresence[] {
    return this.inSubnet(cidr).filter((presence) => this.isAlive(presence.agentId));
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
      unreachableSinceMs: null,
      addressHeardAtMs: null,
      askedUnheardAtMs: null,
    };
    this.#records.set(agentId, made);
    return made;
  }

  announcedBy(agentId: AgentId, key: PackageKey): AnnouncedPackage | null {
    return this.#directory.announcedBy(agentId, key);
  }

  /** What the peer said it has. */
  noteAnnounced(agentId: AgentId, bootId: number, packages: readonly AnnouncedPackage[]): void {
    this.#directory.noteAnnounced(agentId, bootId, packages);
  }

  isBanned(agentId: AgentId): boolean {
    return this.#trust.isBanned(agentId, this.#clock.nowMs());
  }

  /** The peer sent a damaged block. True where it is banned by now. */
  noteBadBlock(agentId: AgentId): boolean {
    return this.#trust.noteBadBlock(agentId, this.#clock.nowMs()).isBanned;
  }

  /** By the configuration: as if they did not exist. */
  setRevoked(agentIds: readonly AgentId[]): void {
    this.#trust.setRevoked(agentIds);
  }

  /** A probe failed: gone until it is heard again. */
  markUnreachable(agentId: AgentId): void {
    this.record(agentId).unreachableSinceMs = this.#clock.nowMs();
  }

  #placeOf(address: Ipv4): PeerSubnet | null {
    return this.#subnets.find(({ cidr }) => isHostIn(cidr, address)) ?? null;
  }

  /**
   * A peer with several adapters is heard in several subnets. It keeps the address by which it is known while that is
   * heard as well, so that it does not change with every announcement.
   */
  #keepsAddress(known: PeerPresence | null, heard: PeerEndpoint, bootId: number): known is PeerPresence {
    if (known === null || known.bootId !== bootId) return false;
    const nowMs = this.#clock.nowMs();
    const record = this.#records.get(heard.agentId);
    if (known.address === heard.address) {
      if (record !== undefined && record.addressHeardAtMs !== null) record.addressHeardAtMs = nowMs;
      return false;
    }
    const before = this.#placeOf(known.address);
    const after = this.#placeOf(heard.address);
    if (before === null || after === null || isSameCidr(before.cidr, after.cidr)) return false;
    if (before.kind === 'additional' && after.kind === 'own') return false;
    if (!this.isAlive(heard.agentId)) return false;
    const { addressHeardAtMs } = this.record(heard.agentId);
    if (addressHeardAtMs === null) this.record(heard.agentId).addressHeardAtMs = nowMs;
    const keeps = nowMs - (addressHeardAtMs ?? nowMs) <= this.#unavailablePeerTimeoutMs;
    if (!keeps) this.record(heard.agentId).addressHeardAtMs = null;
    return keeps;
  }

  #subnetsChanged(): AgentId[] {
    const before = this.#subnets;
    this.#subnets = subnetsOf(this.#interfaces, this.#additionalSubnets, this.#isUnicastOnly);
    const gone = before.filter(({ cidr }) => !this.#subnets.some((now) => isSameCidr(now.cidr, cidr)));
    const forgotten = gone.flatMap(({ cidr }) => this.inSubnet(cidr).map(({ agentId }) => agentId));
    for (const agentId of forgotten) this.byebye(agentId);
    // Where they asked from is not known any more.
    if (gone.length > 0) for (const record of this.#records.values()) record.askedUnheardAtMs = null;
    return forgotten;
  }

  /** Records of peers that the directory has forgotten are forgotten too: in a while, because it forgets hardly anybody. */
  prune(): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#prunedAtMs < pruneSpacingMs) return;
    this.#prunedAtMs = nowMs;
    for (const agentId of [...this.#records.keys()]) {
      if (this.#directory.find(agentId) === null && !this.#hasAskedLately(agentId)) this.#records.delete(agentId);
    }
  }

  #hasAskedLately(agentId: AgentId): boolean {
    const askedAtMs = this.#records.get(agentId)?.askedUnheardAtMs ?? Number.NEGATIVE_INFINITY;
    if (this.#clock.nowMs() - askedAtMs > this.#unavailablePeerTimeoutMs) return false;
    return !this.isBanned(agentId) && !this.#trust.isRevoked(agentId);
  }
}

function subnetsOf(
  interfaces: readonly AgentInterfaceAddress[],
  additionalSubnets: readonly Cidr[],
  isUnicastOnly: boolean,
): readonly PeerSubnet[] {
  const subnets: PeerSubnet[] = [];
  const add = (kind: PeerSubnet['kind'], cidr: Cidr, through: AgentInterfaceAddress | undefined): void => {
    const isListed = subnets.some((listed) => isSameCidr(listed.cidr, cidr));
    const reach = kind === 'own' && !isUnicastOnly ? 'broadcast' : 'unicast';
    if (through !== undefined && !isListed) subnets.push({ cidr, kind, reach, interface: through });
  };
  for (const adapter of interfaces) add('own', adapter.subnet, adapter);
  const smallestFirst = [...additionalSubnets].sort((a, b) => b.prefixLength - a.prefixLength || a.network - b.network);
  for (const cidr of smallestFirst) add('additional', cidr, interfaceTowards(interfaces, cidr));
  return subnets;
}

/** Which adapter leads there only the system knows; but from loopback nothing gets to a network and the other way round. */
function interfaceTowards(interfaces: readonly AgentInterfaceAddress[], cidr: Cidr): AgentInterfaceAddress | undefined {
  return interfaces.find((adapter) => isLoopback(adapter.address) === isLoopback(cidr.network)) ?? interfaces[0];
}
