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
import type { Announcer } from './dht-announcers.ts';
import { announcesChange, announcesInRound } from './dht-announcers.ts';
import { jitterPercent } from './discovery.ts';
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
/** A round goes with an announcement of the agent itself, but not with all that follow each other closely. */
const leastPercentOfInterval = 100 - jitterPercent;
/**
 * In one of so many rounds, and after a goodbye, an agent looks whether it should announce what others have announced: values live
 * for so many. One that is at rest, as most are, does nothing in the others.
 */
const lookRounds = 3;
/**
 * Of so many looks, or of a third of as many as there are peers, in one an agent announces what others announce already: that they
 * still do is only hearsay, and somebody always looks.
 */
const doubtLooks = 4;

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
  readonly #changeWakeUp: WakeUp;
  /** The next round is not before; Infinity = there is nothing to announce. */
  #roundAtMs = Number.POSITIVE_INFINITY;
  #rounds = 0;
  /** Somebody said goodbye since the last round, and may have announced what this agent has. */
  #hasSomebodyLeft = false;

  constructor(context: AgentContext, packages: OwnPackages) {
    this.#context = context;
    this.#packages = packages;
    this.#wakeUp = new WakeUp(context.ports.clock, context.timers, () => this.#step());
    this.#changeWakeUp = new WakeUp(context.ports.clock, context.timers, () => this.#announce('changed'));
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
      this.#changeWakeUp.setAt(Number.POSITIVE_INFINITY);
    }
    this.#step();
  }

  /** A package changed its state. */
  packagesChanged(): void {
    if (this.#nodes.length === 0 || !this.#hasSomething()) return;
    const delayMs = changeDelayMs + this.#context.ports.random.below(changeSpreadMs);
    this.#changeWakeUp.noLaterThan(this.#context.nowMs() + delayMs);
  }

  /** The agent has just told the subnet that it is there: once an interval its packages are announced then. */
  announcedItself(): void {
    if (this.#nodes.length > 0 && this.#context.nowMs() >= this.#roundAtMs) this.#announce('all');
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
    this.#hasSomebodyLeft = true;
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
  #announce(which: 'changed' | 'all'): void {
    const nowMs = this.#context.nowMs();
    const intervalMs = this.#context.settings.announcementIntervalMs;
    if (which === 'all') this.#rounds++;
    for (const subnet of this.#nodes) {
      if (subnet.kind !== 'own') continue;
      const entries = which === 'all' ? this.#announcedInRound(subnet) : this.#announcedChanges(subnet);
      const node = entries.length > 0 ? this.#running(subnet) : subnet.node;
      if (node !== null && entries.length + node.announcedCount > 0) node.publish(which, entries, intervalMs, nowMs);
    }
    if (which === 'all') this.#hasSomebodyLeft = false;
    if (!this.#hasSomething()) this.#roundAtMs = Number.POSITIVE_INFINITY;
    else if (which === 'all' || this.#roundAtMs === Number.POSITIVE_INFINITY) {
      this.#roundAtMs = nowMs + Math.floor((intervalMs * leastPercentOfInterval) / 100);
    }
    this.#step();
  }

  #announcedChanges({ cidr }: SubnetNode): readonly AnnouncedPackage[] {
    const members = this.#context.peers.everybodyIn(cidr);
    return this.#packages.announced().filter((entry) => announcesChange(this.#announcer, members, entry));
  }

  #announcedInRound({ cidr, node }: SubnetNode): readonly AnnouncedPackage[] {
    const isTurn = this.#rounds % lookRounds === 0;
    const isLook = isTurn || this.#hasSomebodyLeft;
    if (!isLook && (node === null || node.announcedCount === 0)) return [];
    const { peers, ownId } = this.#context;
    const members = peers.everybodyIn(cidr);
    const looks = Math.floor(this.#rounds / lookRounds);
    const looksPerDoubt = Math.max(doubtLooks, Math.ceil(peers.count / lookRounds));
    const isInDoubt = (key: PackageKey): boolean => (hrwWeight(ownId, key) + looks) % looksPerDoubt === 0;
    const announcer = this.#announcer;
    return this.#packages.announced().filter((entry) => {
      if (isTurn && isInDoubt(entry.key)) return true;
      return (isLook || node?.isAnnouncing(entry.key) === true) && announcesInRound(announcer, members, entry);
    });
  }

  get #announcer(): Announcer {
    const { peers, ownId } = this.#context;
    return { peers, ownId, isComplete: (agentId, key) => this.#packages.isComplete(agentId, key) };
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
