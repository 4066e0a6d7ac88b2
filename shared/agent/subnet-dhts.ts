import { hrwWeight } from '../base/hrw.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Cidr, Ipv4 } from '../base/ipv4.ts';
import { isSameCidr } from '../base/ipv4.ts';
import type { Contact } from '../dht/contact.ts';
import type { DhtReport } from '../dht/dht-node.ts';
import { DhtNode } from '../dht/dht-node.ts';
import type { DhtMessage, HolderValue } from '../dht/messages.ts';
import { isDhtRequest } from '../dht/messages.ts';
import type { AgentContext } from './agent-context.ts';
import type { AnnouncedPackage } from './datagram-message.ts';
import { announcesChange, announcesInRound } from './dht-announcers.ts';
import type { PeerSubnet } from './peer-table.ts';
import type { PeerEndpoint } from './ports.ts';
import { WakeUp } from './timers.ts';

/**
 * Changes of state are announced together after this time: who begins a small package has it by then, the announcements of others
 * have told who holds it too, and what matters at once is told by broadcast …
 */
const changeDelayMs = 10_000;
/** … and up to this later by chance: when a swarm gets ready, not everybody announces in the same moment. */
const changeSpreadMs = 5000;
const jitterPercent = 20;
/**
 * In one of so many rounds, or of as many as there are peers, an agent announces what others announce already: that they still do
 * is only hearsay, and somebody always looks.
 */
const doubtRounds = 12;

export interface OwnPackages {
  /** All that are announced, not only those of an announcement. */
  announced(): readonly AnnouncedPackage[];
  holding(key: PackageKey): AnnouncedPackage | null;
  /** The peer has told that it holds every block of it. */
  isComplete(peer: AgentId, key: PackageKey): boolean;
}

interface SubnetNode {
  readonly cidr: Cidr;
  readonly kind: PeerSubnet['kind'];
  /** The agent, and its address in this subnet. */
  readonly self: Contact;
  /** Made when something is first announced, looked up or asked here: most subnets are at rest. */
  node: DhtNode | null;
}

/**
 * This agent in the DHT of each subnet that its peers may be in: keeps the own packages announced in own subnets, and looks
 * packages up. Nothing is sent or kept while nothing is held or looked for.
 */
export class SubnetDhts {
  readonly #context: AgentContext;
  readonly #packages: OwnPackages;
  /** In the order of the peer table: own subnets first. */
  #nodes: readonly SubnetNode[] = [];
  readonly #wakeUp: WakeUp;
  readonly #announceWakeUp: WakeUp;
  #roundAtMs = Number.POSITIVE_INFINITY;
  #rounds = 0;

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
    this.#nodes = isRunning
      ? peers.subnets.map((subnet) => this.#keptNode(subnet) ?? newNode(subnet, this.#context.ownId))
      : [];
    for (const left of before) if (!this.#nodes.includes(left)) left.node?.close(this.#context.nowMs());
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

  /** `interfaceAddress`: where it came in. */
  receive(from: PeerEndpoint, interfaceAddress: Ipv4, message: DhtMessage): void {
    const nowMs = this.#context.nowMs();
    if (isDhtRequest(message)) {
      // A request concerns the subnet that it came to, an answer the one that was asked.
      const asked = this.#nodes.find(({ kind, self }) => kind === 'own' && self.address === interfaceAddress);
      if (asked !== undefined) this.#running(asked).receive(from, message, nowMs);
      return;
    }
    this.#nodeOf(from.address)?.node?.receive(from, message, nowMs);
    this.#step();
  }

  /** It said goodbye. */
  gone(agentId: AgentId): void {
    for (const { node } of this.#nodes) node?.gone(agentId);
  }

  /** Asks in all subnets of the kind at once; `ended` is called once, with all that they named. */
  lookUp(kind: PeerSubnet['kind'], key: PackageKey, ended: (holders: readonly HolderValue[]) => void): void {
    const asked = this.#nodes.filter((subnet) => subnet.kind === kind);
    const found: HolderValue[] = [];
    let left = asked.length;
    if (left === 0) ended(found);
    for (const subnet of asked) {
      this.#running(subnet).lookUp(key, this.#context.nowMs(), (holders) => {
        found.push(...holders);
        left--;
        if (left === 0) ended(found);
      });
    }
    this.#step();
  }

  reports(): readonly (DhtReport & { readonly cidr: Cidr; readonly kind: PeerSubnet['kind'] })[] {
    return this.#nodes.map((subnet) => ({ cidr: subnet.cidr, kind: subnet.kind, ...this.#running(subnet).report() }));
  }

  /** The interval's round, or a change between two of them. */
  #announce(): void {
    const nowMs = this.#context.nowMs();
    if (this.#nodes.length === 0) return;
    const intervalMs = this.#context.settings.announcementIntervalMs;
    const isRound = nowMs >= this.#roundAtMs;
    if (isRound) this.#rounds++;
    for (const subnet of this.#nodes) {
      if (subnet.kind !== 'own') continue;
      const entries = this.#announcedIn(subnet, isRound);
      const node = entries.length > 0 ? this.#running(subnet) : subnet.node;
      node?.publish(isRound ? 'all' : 'changed', entries, intervalMs, nowMs);
    }
    if (!this.#hasSomething()) this.#roundAtMs = Number.POSITIVE_INFINITY;
    else if (isRound || this.#roundAtMs === Number.POSITIVE_INFINITY) {
      const span = Math.floor((intervalMs * jitterPercent) / 100);
      this.#roundAtMs = nowMs + intervalMs - span + this.#context.ports.random.below(2 * span + 1);
    }
    this.#announceWakeUp.setAt(this.#roundAtMs);
    this.#step();
  }

  #announcedIn({ cidr }: SubnetNode, isRound: boolean): readonly AnnouncedPackage[] {
    const { peers, ownId } = this.#context;
    const members = peers.everybodyIn(cidr);
    const isComplete = (agentId: AgentId, key: PackageKey) => this.#packages.isComplete(agentId, key);
    const announcer = { peers, ownId, isComplete };
    const isInDoubt = (key: PackageKey): boolean =>
      (hrwWeight(this.#context.ownId, key) + this.#rounds) % Math.max(doubtRounds, peers.count) === 0;
    return this.#packages
      .announced()
      .filter((entry) =>
        isRound
          ? isInDoubt(entry.key) || announcesInRound(announcer, members, entry)
          : announcesChange(announcer, members, entry),
      );
  }

  #hasSomething(): boolean {
    return this.#packages.announced().length > 0;
  }

  #step(): void {
    const nowMs = this.#context.nowMs();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { node } of this.#nodes) {
      if (node !== null) nextMs = Math.min(nextMs, node.step(nowMs));
    }
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
        subnet.self.address === adapter.address &&
        subnet.self.port === adapter.port,
    );
  }

  #running(subnet: SubnetNode): DhtNode {
    if (subnet.node !== null) return subnet.node;
    const { peers, ports, voice } = this.#context;
    const { cidr, kind, self } = subnet;
    const node = new DhtNode(
      {
        self,
        isResident: kind === 'own',
        isOfSubnet: (address) => {
          const place = peers.subnetOf(address);
          return place !== null && isSameCidr(place, cidr);
        },
        book: {
          members: () => peers.everybodyIn(cidr),
          lastHeardMs: (agentId) => peers.lastHeardMs(agentId),
          isAvailable: (agentId) => peers.isAlive(agentId),
        },
        random: ports.random,
        ownHolding: (key) => this.#packages.holding(key),
        send: (to: Contact, message: DhtMessage) => voice.tellAt(to, { kind: 'dht', message }),
      },
      this.#context.nowMs(),
    );
    subnet.node = node;
    return node;
  }
}

function newNode({ cidr, kind, interface: { address, port } }: PeerSubnet, agentId: AgentId): SubnetNode {
  return { cidr, kind, self: { agentId, address, port }, node: null };
}
