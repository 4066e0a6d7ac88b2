import type { AgentId, PackageKey } from '../../../shared/base/ids.ts';
import { Xoshiro128 } from '../../../shared/base/prng.ts';
import type { Contact } from '../../../shared/dht/contact.ts';
import { DhtNode } from '../../../shared/dht/dht-node.ts';
import type { DhtMessage, HolderValue, PackageEntry } from '../../../shared/dht/messages.ts';
import type { EventHandle } from '../../../shared/sim/event-queue.ts';
import { VirtualTime } from '../../../shared/sim/virtual-time.ts';

export const intervalMs = 60_000;
const unavailableAfterMs = 3 * intervalMs;
const network = 0x0a000000;

export interface SubnetOptions {
  readonly seed: number;
  /** Of datagrams of the DHT; announcements by broadcast are not lost. */
  readonly lossPercent?: number;
  /** False: nobody hears broadcasts, nodes know only whom they are introduced to. */
  readonly hasBroadcast?: boolean;
}

/** One node with what an agent gives it: a book of whom it heard, a clock and datagrams. */
export class TestNode {
  readonly contact: Contact;
  readonly node: DhtNode;
  readonly #heardAtMs = new Map<AgentId, number>();
  #members: readonly Contact[] = [];
  readonly holdings = new Map<PackageKey, PackageEntry>();
  readonly startedAtMs: number;
  isAlive = true;
  readonly #subnet: DhtSubnet;
  #wakeUp: EventHandle | null = null;

  constructor(subnet: DhtSubnet, contact: Contact) {
    this.#subnet = subnet;
    this.contact = contact;
    this.startedAtMs = subnet.nowMs;
    const ageMs = (agentId: AgentId): number =>
      subnet.nowMs - (this.#heardAtMs.get(agentId) ?? Number.NEGATIVE_INFINITY);
    this.node = new DhtNode(
      {
        self: contact,
        isResident: true,
        isOfSubnet: (address) => Math.floor(address / 65_536) === network / 65_536,
        book: {
          members: () => this.#members,
          lastHeardMs: (agentId) => this.#heardAtMs.get(agentId) ?? null,
          isAvailable: (agentId) => ageMs(agentId) <= unavailableAfterMs,
        },
        random: new Xoshiro128(subnet.random.below(2 ** 31)),
        ownHolding: (key) => this.holdings.get(key) ?? null,
        send: (to, message) => subnet.send(this, to, message),
      },
      subnet.nowMs,
    );
  }

  hear(contact: Contact): void {
    if (!this.#heardAtMs.has(contact.agentId)) this.#members = [...this.#members, contact];
    this.#heardAtMs.set(contact.agentId, this.#subnet.nowMs);
  }

  receive(from: Contact, message: DhtMessage): void {
    this.hear(from);
    this.node.receive(from, message, this.#subnet.nowMs);
    this.step();
  }

  hold(key: PackageKey): void {
    this.holdings.set(key, { key, state: 'ready', blocks: 35 });
  }

  publish(which: 'changed' | 'all'): void {
    this.node.publish(which, [...this.holdings.values()], intervalMs, this.#subnet.nowMs);
    this.step();
  }

  /** Runs the network until the lookup has ended. */
  lookUp(key: PackageKey): readonly HolderValue[] {
    let found: readonly HolderValue[] | null = null;
    this.node.lookUp(key, this.#subnet.nowMs, (holders) => {
      found = holders;
    });
    this.step();
    this.#subnet.time.runUntil(this.#subnet.time.nowUs + 10_000_000, () => found !== null);
    if (found === null) throw new Error('the lookup did not end within 10 s');
    return found;
  }

  step(): void {
    this.#subnet.time.cancel(this.#wakeUp);
    const nextMs = this.node.step(this.#subnet.nowMs);
    this.#wakeUp =
      nextMs === Number.POSITIVE_INFINITY
        ? null
        : this.#subnet.time.at(Math.ceil(nextMs * 1000) + 1, () => this.#awake());
  }

  #awake(): void {
    this.#wakeUp = null;
    if (this.isAlive) this.step();
  }
}

/** Nodes of one subnet in virtual time: datagrams take 1 to 3 ms, announcements reach everybody. */
export class DhtSubnet {
  readonly time = new VirtualTime();
  readonly random: Xoshiro128;
  readonly nodes: TestNode[] = [];
  readonly #options: SubnetOptions;
  readonly #byAgent = new Map<AgentId, TestNode>();
  datagrams = 0;

  constructor(options: SubnetOptions) {
    this.#options = options;
    this.random = new Xoshiro128(options.seed);
  }

  get nowMs(): number {
    return this.time.nowMs;
  }

  get living(): TestNode[] {
    return this.nodes.filter(({ isAlive }) => isAlive);
  }

  /** A node that starts now; it announces itself and its packages at once and then every interval ± 20 %. */
  add(holdings: readonly PackageKey[] = []): TestNode {
    const agentId = this.#randomId() as AgentId;
    const made = new TestNode(this, { agentId, address: network + this.nodes.length + 1, port: 27801 });
    this.nodes.push(made);
    this.#byAgent.set(agentId, made);
    for (const key of holdings) made.hold(key);
    this.#announce(made, 'changed');
    return made;
  }

  addMany(count: number): void {
    for (let number = 0; number < count; number++) this.add();
  }

  run(forMs: number): void {
    this.time.runUntil(this.time.nowUs + forMs * 1000);
  }

  randomKey(): PackageKey {
    return (this.#randomId() + this.#randomId().slice(0, 8)) as PackageKey;
  }

  oneOf<Item>(items: readonly Item[]): Item {
    const item = items[this.random.below(items.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }

  send(from: TestNode, to: Contact, message: DhtMessage): void {
    this.datagrams++;
    if (this.random.below(100_000) < (this.#options.lossPercent ?? 0) * 1000) return;
    this.time.after(1000 + this.random.below(2000), () => {
      const receiver = this.#byAgent.get(to.agentId);
      if (receiver?.isAlive === true && receiver.contact.address === to.address)
        receiver.receive(from.contact, message);
    });
  }

  #announce(node: TestNode, which: 'changed' | 'all'): void {
    if (!node.isAlive) return;
    if (this.#options.hasBroadcast ?? true) {
      for (const other of this.living) {
        if (other === node) continue;
        other.hear(node.contact);
        // A newcomer is answered within half a second.
        if (which === 'changed')
          this.time.after(this.random.below(500_000), () => other.isAlive && node.hear(other.contact));
      }
    }
    this.time.after(which === 'changed' ? 1_000_000 : 0, () => node.isAlive && node.publish(which));
    const nextMs = intervalMs * 0.8 + this.random.below(intervalMs * 0.4);
    this.time.after(nextMs * 1000, () => this.#announce(node, 'all'));
  }

  #randomId(): string {
    let id = '';
    for (let digit = 0; digit < 32; digit++) id += this.random.below(16).toString(16);
    return id;
  }
}
