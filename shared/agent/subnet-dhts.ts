import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Cidr, Ipv4 } from '../base/ipv4.ts';
import { isSameCidr } from '../base/ipv4.ts';
import type { Contact, ContactBook } from '../dht/contact.ts';
import type { DhtReport } from '../dht/dht-node.ts';
import { DhtNode } from '../dht/dht-node.ts';
import type { DhtMessage, HolderValue } from '../dht/messages.ts';
import { isDhtRequest } from '../dht/messages.ts';
import type { AgentContext } from './agent-context.ts';
import type { AnnouncedPackage } from './datagram-message.ts';
import type { PeerSubnet } from './peer-table.ts';
import type { PeerEndpoint } from './ports.ts';
import { WakeUp } from './timers.ts';

/**
 * Changes of state are announced together after this time: who begins a small package has it by then, and what matters at
 * once is told by broadcast …
 */
const changeDelayMs = 5000;
/** … and up to this later by chance: when a swarm gets ready, not everybody announces in the same moment. */
const changeSpreadMs = 5000;
const jitterPercent = 20;
/** Heard within so many percent of an announcement interval: it announces itself, a ping would tell nothing new. */
const freshPercent = 150;

export interface OwnPackages {
  /** All that are announced, not only those of an announcement. */
  announced(): readonly AnnouncedPackage[];
  holding(key: PackageKey): AnnouncedPackage | null;
}

interface SubnetNode {
  readonly cidr: Cidr;
  readonly kind: PeerSubnet['kind'];
  readonly node: DhtNode;
}

/**
 * This agent in the DHT of each subnet that its peers may be in: feeds the routing tables with what is heard anyway, keeps
 * the own packages announced in own subnets, and looks packages up. Nothing is sent while nothing is held or looked for.
 */
export class SubnetDhts {
  readonly #context: AgentContext;
  readonly #packages: OwnPackages;
  /** In the order of the peer table: own subnets first. */
  #nodes: readonly SubnetNode[] = [];
  readonly #wakeUp: WakeUp;
  readonly #announceWakeUp: WakeUp;
  #roundAtMs = Number.POSITIVE_INFINITY;

  constructor(context: AgentContext, packages: OwnPackages) {
    this.#context = context;
    this.#packages = packages;
    this.#wakeUp = new WakeUp(context.ports.clock, context.timers, () => this.#step());
    this.#announceWakeUp = new WakeUp(context.ports.clock, context.timers, () => this.#announce());
  }

  /** Follows policy and interfaces: one node for each subnet while peer downloading goes on, none otherwise. */
  configure(isRunning: boolean): void {
    const { peers } = this.#context;
    const before = this.#nodes;
    this.#nodes = isRunning ? peers.subnets.map((subnet) => this.#keptNode(subnet) ?? this.#newNode(subnet)) : [];
    for (const left of before) if (!this.#nodes.includes(left)) left.node.close(this.#context.nowMs());
    if (isRunning) this.packagesChanged();
    else {
      this.#roundAtMs = Number.POSITIVE_INFINITY;
      this.#announceWakeUp.setAt(Number.POSITIVE_INFINITY);
    }
    this.#step();
  }

  /** A package changed its state. */
  packagesChanged(): void {
    if (this.#nodes.length === 0 || !this.#hasSomething()) return;
    const delayMs = changeDelayMs + this.#context.ports.random.below(changeSpreadMs);
    this.#announceWakeUp.noLaterThan(this.#context.nowMs() + delayMs);
  }

  /** A peer was heard, whatever it said. */
  heard(peer: PeerEndpoint): void {
    const { agentId, address, port } = peer;
    const hasAsked = this.#nodeOf(address)?.node.heard({ agentId, address, port }, this.#context.nowMs());
    if (hasAsked === true) this.#step();
  }

  /** `interfaceAddress`: where it came in. */
  receive(from: PeerEndpoint, interfaceAddress: Ipv4, message: DhtMessage): void {
    // A request concerns the subnet that it came to, an answer the one that was asked.
    const receiver = isDhtRequest(message)
      ? this.#nodes.find(({ kind, node }) => kind === 'own' && node.self.address === interfaceAddress)
      : this.#nodeOf(from.address);
    receiver?.node.receive(from, message, this.#context.nowMs());
    this.#step();
  }

  /** It said goodbye. */
  gone(agentId: AgentId): void {
    for (const { node } of this.#nodes) node.gone(agentId);
  }

  /** Asks in all subnets of the kind at once; `ended` is called once, with all that they named. */
  lookUp(kind: PeerSubnet['kind'], key: PackageKey, ended: (holders: readonly HolderValue[]) => void): void {
    const asked = this.#nodes.filter((subnet) => subnet.kind === kind);
    const found: HolderValue[] = [];
    let left = asked.length;
    if (left === 0) ended(found);
    for (const { node } of asked) {
      node.lookUp(key, this.#context.nowMs(), (holders) => {
        found.push(...holders);
        left--;
        if (left === 0) ended(found);
      });
    }
    this.#step();
  }

  reports(): readonly (DhtReport & { readonly cidr: Cidr; readonly kind: PeerSubnet['kind'] })[] {
    return this.#nodes.map(({ cidr, kind, node }) => ({ cidr, kind, ...node.report() }));
  }

  /** The interval's round, or a change between two of them. */
  #announce(): void {
    const nowMs = this.#context.nowMs();
    if (this.#nodes.length === 0) return;
    const intervalMs = this.#context.settings.announcementIntervalMs;
    const isRound = nowMs >= this.#roundAtMs;
    for (const { node } of this.#nodes) {
      node.publish(isRound ? 'all' : 'changed', this.#packages.announced(), intervalMs, nowMs);
    }
    if (!this.#hasSomething()) this.#roundAtMs = Number.POSITIVE_INFINITY;
    else if (isRound || this.#roundAtMs === Number.POSITIVE_INFINITY) {
      const span = Math.floor((intervalMs * jitterPercent) / 100);
      this.#roundAtMs = nowMs + intervalMs - span + this.#context.ports.random.below(2 * span + 1);
    }
    this.#announceWakeUp.setAt(this.#roundAtMs);
    this.#step();
  }

  #hasSomething(): boolean {
    return this.#packages.announced().length > 0;
  }

  #step(): void {
    const nowMs = this.#context.nowMs();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { node } of this.#nodes) nextMs = Math.min(nextMs, node.step(nowMs));
    this.#wakeUp.setAt(nextMs);
  }

  #nodeOf(address: Ipv4): SubnetNode | undefined {
    const cidr = this.#context.peers.subnetOf(address);
    return cidr === null ? undefined : this.#nodes.find((subnet) => isSameCidr(subnet.cidr, cidr));
  }

  #keptNode({ cidr, kind, interface: adapter }: PeerSubnet): SubnetNode | undefined {
    return this.#nodes.find(
      (subnet) =>
        isSameCidr(subnet.cidr, cidr) &&
        subnet.kind === kind &&
        subnet.node.self.address === adapter.address &&
        subnet.node.self.port === adapter.port,
    );
  }

  #newNode({ cidr, kind, interface: adapter }: PeerSubnet): SubnetNode {
    const { peers, ownId, ports, voice } = this.#context;
    const node = new DhtNode(
      {
        self: { agentId: ownId, address: adapter.address, port: adapter.port },
        isResident: kind === 'own',
        isOfSubnet: (address) => {
          const place = peers.subnetOf(address);
          return place !== null && isSameCidr(place, cidr);
        },
        book: this.#book(),
        random: ports.random,
        ownHolding: (key) => this.#packages.holding(key),
        send: (to: Contact, message: DhtMessage) => voice.tellAt(to, { kind: 'dht', message }),
      },
      this.#context.nowMs(),
    );
    for (const { agentId, address, port } of peers.inSubnet(cidr))
      node.heard({ agentId, address, port }, this.#context.nowMs());
    return { cidr, kind, node };
  }

  #book(): ContactBook {
    const { peers } = this.#context;
    return {
      lastHeardMs: (agentId) => peers.lastHeardMs(agentId),
      isAvailable: (agentId) => peers.isAlive(agentId),
      isFresh: (agentId) => {
        const silentMs = this.#context.nowMs() - (peers.lastHeardMs(agentId) ?? Number.NEGATIVE_INFINITY);
        return silentMs * 100 <= this.#context.settings.announcementIntervalMs * freshPercent;
      },
    };
  }
}
