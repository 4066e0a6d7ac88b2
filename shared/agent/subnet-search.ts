import { doublingBackoffMs } from '../base/back-off.ts';
import { hrwWeight } from '../base/hrw.ts';
import type { AgentId } from '../base/ids.ts';
import type { Cidr, Ipv4 } from '../base/ipv4.ts';
import { formatCidr, isSameCidr } from '../base/ipv4.ts';
import type { AgentContext } from './agent-context.ts';
import { maxToldPeers } from './datagram-message.ts';
import type { CommandResult } from './pending-commands.ts';
import type { PeerEndpoint } from './ports.ts';
import { SubnetSweep } from './subnet-sweep.ts';
import { WakeUp } from './timers.ts';

/** Leads kept per additional subnet: what the server names, and as many that other agents told of. */
const maxLeadsPerSubnet = 64;
/** Probes under way at a time: a handshake each. */
const maxProbes = 8;
const probeTimeoutMs = 3000;
/** A lead that does not answer is asked less and less often, down to this. */
const longestProbePauseMs = 3_600_000;
/** Finds of a sweep are told to the own subnet together. */
const tellFindsAfterMs = 1000;
/** The server is asked again soon while a subnet has shown nobody: both may be starting in the same moment. */
const firstAskAgainMs = 2000;
/** … and then every so many announcement intervals. */
const askAgainIntervals = 5;
const sweepEveryMs = 3_600_000;

interface Lead {
  readonly peer: PeerEndpoint;
  failures: number;
  nextProbeAtMs: number;
  isUnderWay: boolean;
}

interface SearchedSubnet {
  readonly cidr: Cidr;
  leads: Map<AgentId, Lead>;
  /** Somebody there answered that it does not list our subnet. */
  refusesUs: boolean;
  sweptAtMs: number;
}

export interface SubnetSearchOwner {
  /** A probe was answered: the peer may be spoken to. */
  found(peer: PeerEndpoint, bootId: number, name: string): void;
}

/**
 * Finds peers where no broadcast reaches: in additional subnets, and in the own one on Wi-Fi. It probes those that the server and
 * other agents name; a small additional subnet is swept where none of them answers. Announcements keep whoever was found.
 */
export class SubnetSearch {
  readonly #context: AgentContext;
  readonly #owner: SubnetSearchOwner;
  readonly #wakeUp: WakeUp;
  readonly #sweep: SubnetSweep;
  #subnets: SearchedSubnet[] = [];
  /** Found by the own sweep and not told to the own subnet yet. */
  readonly #swept = new Set<AgentId>();
  readonly #finds: PeerEndpoint[] = [];
  #probes = 0;
  /** How often the server was asked; the newest question is the one that is waited for. */
  #questions = 0;
  #isRunning = false;
  #startedAtMs = 0;
  #askAtMs = 0;
  #asked = 0;

  constructor(context: AgentContext, owner: SubnetSearchOwner) {
    this.#context = context;
    this.#owner = owner;
    this.#wakeUp = new WakeUp(context.ports.clock, context.timers, () => this.#step());
    this.#sweep = new SubnetSweep(context, {
      found: (peer) => {
        this.#swept.add(peer.agentId);
        this.noteLeads([peer]);
      },
      refused: (cidr) => this.#noteRefused(cidr),
      ended: () => this.#step(),
    });
  }

  /** Follows the subnets of the peer table; searches while `isWanted`. */
  configure(isWanted: boolean): void {
    const wanted = isWanted ? this.#context.peers.unicastSubnets.map(({ cidr }) => cidr) : [];
    const isChanged =
      wanted.length !== this.#subnets.length || wanted.some((cidr) => this.#find(cidr) === undefined) || !isWanted;
    this.#subnets = wanted.map(
      (cidr) => this.#find(cidr) ?? { cidr, leads: new Map(), refusesUs: false, sweptAtMs: Number.NEGATIVE_INFINITY },
    );
    if (!isChanged) return;
    this.#isRunning = wanted.length > 0;
    this.#sweep.stop();
    this.#startedAtMs = this.#context.nowMs();
    this.#asked = 0;
    this.#askAtMs = this.#startedAtMs;
    this.#step();
  }

  /** Other ways lead there since an interface changed: what failed before is tried again. */
  restart(): void {
    for (const subnet of this.#subnets) {
      subnet.refusesUs = false;
      for (const lead of subnet.leads.values()) lead.nextProbeAtMs = this.#context.nowMs();
    }
    this.#askAtMs = this.#context.nowMs();
    this.#asked = 0;
    this.#step();
  }

  /**
   * The server is there again, after an outage that may have cut this computer off as well: who came meanwhile knows nothing of
   * it, and a question that was under way may never be answered.
   */
  serverIsBack(): void {
    if (!this.#isRunning) return;
    this.#asked = 0;
    this.#askAtMs = Math.min(this.#askAtMs, this.#context.nowMs() + this.#drawn(firstAskAgainMs));
    this.#step();
  }

  /** Endpoints that another agent found: leads like those of the server. */
  noteLeads(peers: readonly PeerEndpoint[]): void {
    for (const peer of peers) this.#addLead(peer);
    this.#step();
  }

  /** Whether agents of this additional subnet do not list ours. */
  isRefusedBy(cidr: Cidr): boolean {
    return this.#find(cidr)?.refusesUs === true;
  }

  #step(): void {
    if (!this.#isRunning) {
      this.#wakeUp.setAt(Number.POSITIVE_INFINITY);
      return;
    }
    const nowMs = this.#context.nowMs();
    if (nowMs >= this.#askAtMs) this.#askServer();
    let nextMs = Math.min(this.#askAtMs, nowMs + this.#context.settings.announcementIntervalMs);
    for (const subnet of this.#subnets) {
      for (const lead of subnet.leads.values()) nextMs = Math.min(nextMs, this.#probeIfDue(subnet, lead, nowMs));
    }
    this.#startSweep(nowMs);
    this.#wakeUp.setAt(Math.max(nextMs, nowMs + 1));
  }

  /** Returns when to look at the lead again; an answer that is due looks by itself. */
  #probeIfDue(subnet: SearchedSubnet, lead: Lead, nowMs: number): number {
    if (lead.isUnderWay || this.#context.peers.isAlive(lead.peer.agentId)) return Number.POSITIVE_INFINITY;
    if (nowMs < lead.nextProbeAtMs) return lead.nextProbeAtMs;
    if (this.#probes >= maxProbes) return Number.POSITIVE_INFINITY;
    this.#probes++;
    lead.isUnderWay = true;
    const commandId = this.#context.commands.begin((result) => {
      this.#probes--;
      lead.isUnderWay = false;
      this.#probed(subnet, lead, result);
      this.#step();
    });
    this.#context.ports.transfers.hello({ commandId, peer: lead.peer, timeoutMs: probeTimeoutMs });
    return Number.POSITIVE_INFINITY;
  }

  #probed(subnet: SearchedSubnet, lead: Lead, result: CommandResult): void {
    const nowMs = this.#context.nowMs();
    if (result.kind === 'helloAnswered') {
      lead.failures = 0;
      lead.nextProbeAtMs = nowMs + this.#context.settings.announcementIntervalMs;
      this.#found(lead.peer, result.bootId, result.name);
      return;
    }
    if (result.kind === 'peerRequestFailed' && result.code === 'outside-subnets') subnet.refusesUs = true;
    const pauseMs = doublingBackoffMs(
      this.#context.settings.announcementIntervalMs,
      lead.failures,
      longestProbePauseMs,
    );
    lead.failures++;
    lead.nextProbeAtMs = nowMs + pauseMs;
  }

  #found(peer: PeerEndpoint, bootId: number, name: string): void {
    const subnet = this.#at(peer.address);
    // Its policy may have changed while the question was under way.
    if (!this.#isRunning || subnet === undefined) return;
    subnet.refusesUs = false;
    this.#owner.found(peer, bootId, name);
    if (!this.#swept.delete(peer.agentId)) return;
    if (this.#finds.push(peer) === 1) this.#context.timers.after(tellFindsAfterMs, () => this.#tellFinds());
  }

  /** The others of the own subnet have not swept and shall not. */
  #tellFinds(): void {
    while (this.#finds.length > 0) {
      this.#context.voice.broadcastNearby({ kind: 'peers', peers: this.#finds.splice(0, maxToldPeers) });
    }
  }

  #noteRefused(cidr: Cidr): void {
    const subnet = this.#find(cidr);
    if (subnet !== undefined) subnet.refusesUs = true;
  }

  #addLead(peer: PeerEndpoint): void {
    if (peer.agentId === this.#context.ownId) return;
    const subnet = this.#at(peer.address);
    if (subnet === undefined) return;
    const known = subnet.leads.get(peer.agentId);
    if (known !== undefined && isSameEndpoint(known.peer, peer)) return;
    if (known === undefined && subnet.leads.size >= maxLeadsPerSubnet) {
      const useless = [...subnet.leads.values()].find(({ failures, isUnderWay }) => failures > 0 && !isUnderWay);
      if (useless === undefined) return;
      subnet.leads.delete(useless.peer.agentId);
    }
    subnet.leads.set(peer.agentId, newLead(peer));
  }

  #askServer(): void {
    this.#askAtMs = Number.POSITIVE_INFINITY;
    this.#questions++;
    const question = this.#questions;
    const commandId = this.#context.commands.begin((result) => {
      if (question !== this.#questions) return;
      if (result.kind === 'subnetHintsReceived') this.#takeHints(result.peers);
      this.#askAtMs = Math.min(this.#askAtMs, this.#context.nowMs() + this.#askAgainAfterMs());
      this.#asked = Math.min(this.#asked + 1, 20);
      this.#step();
    });
    this.#context.ports.server.fetchSubnetHints(commandId);
  }

  /** The server's newest word takes the place of its older one; what is alive or was told by others stays. */
  #takeHints(peers: readonly PeerEndpoint[]): void {
    for (const subnet of this.#subnets) {
      const before = subnet.leads;
      subnet.leads = new Map();
      const named = peers.filter(({ address }) => this.#at(address) === subnet);
      for (const peer of named.slice(0, maxLeadsPerSubnet / 2)) {
        const known = before.get(peer.agentId);
        subnet.leads.set(peer.agentId, known !== undefined && isSameEndpoint(known.peer, peer) ? known : newLead(peer));
      }
      for (const [agentId, lead] of before) {
        if (subnet.leads.size < maxLeadsPerSubnet && !subnet.leads.has(agentId) && lead.failures === 0) {
          subnet.leads.set(agentId, lead);
        }
      }
    }
  }

  #askAgainAfterMs(): number {
    const { settings, peers } = this.#context;
    const areAllFound = this.#subnets.every(({ cidr }) => peers.aliveIn(cidr).length > 0);
    const longestMs = Math.min(settings.configurationIntervalMs, settings.announcementIntervalMs * askAgainIntervals);
    const pauseMs = areAllFound
      ? settings.configurationIntervalMs
      : doublingBackoffMs(firstAskAgainMs, this.#asked, longestMs);
    return this.#drawn(pauseMs);
  }

  /** Half of the pause at least. */
  #drawn(pauseMs: number): number {
    return Math.floor(pauseMs / 2) + this.#context.ports.random.below(Math.ceil(pauseMs / 2) + 1);
  }

  /** Only where nobody answers, only by one agent of the subnet, once an hour: everything else would be a port scan. */
  #startSweep(nowMs: number): void {
    if (this.#sweep.isRunning || nowMs < this.#startedAtMs + this.#context.settings.announcementIntervalMs) return;
    const silent = this.#subnets.find(
      (subnet) =>
        SubnetSweep.canSweep(subnet.cidr) &&
        !this.#isOwn(subnet.cidr) &&
        nowMs - subnet.sweptAtMs >= sweepEveryMs &&
        !subnet.refusesUs &&
        [...subnet.leads.values()].every(({ failures }) => failures > 0) &&
        this.#context.peers.aliveIn(subnet.cidr).length === 0 &&
        this.#isFirstOfOwnSubnet(subnet.cidr),
    );
    if (silent === undefined) return;
    silent.sweptAtMs = nowMs;
    // Who was found an hour ago and never answered by name is not told any more.
    this.#swept.clear();
    this.#sweep.start(silent.cidr);
  }

  #isFirstOfOwnSubnet(cidr: Cidr): boolean {
    const { peers, ownId } = this.#context;
    const own = peers.subnets.find((subnet) => subnet.kind === 'own');
    if (own === undefined) return false;
    const ownWeight = hrwWeight(ownId, formatCidr(cidr));
    return peers.aliveIn(own.cidr).every(({ agentId }) => hrwWeight(agentId, formatCidr(cidr)) < ownWeight);
  }

  #isOwn(cidr: Cidr): boolean {
    return this.#context.peers.subnets.some((subnet) => subnet.kind === 'own' && isSameCidr(subnet.cidr, cidr));
  }

  #at(address: Ipv4): SearchedSubnet | undefined {
    const place = this.#context.peers.subnetOf(address);
    return place === null ? undefined : this.#find(place);
  }

  #find(cidr: Cidr): SearchedSubnet | undefined {
    return this.#subnets.find((subnet) => isSameCidr(subnet.cidr, cidr));
  }
}

function newLead(peer: PeerEndpoint): Lead {
  return { peer, failures: 0, nextProbeAtMs: Number.NEGATIVE_INFINITY, isUnderWay: false };
}

function isSameEndpoint(a: PeerEndpoint, b: PeerEndpoint): boolean {
  return a.agentId === b.agentId && a.address === b.address && a.port === b.port;
}
