/**
 * An organisation's network out of namespaces: the Notification Server's computer, and subnets that each have a router with
 * a WAN link to it and a switch with computers. Broadcasts, isolation, rates and counters are the kernel's.
 *
 *   server 10.240.0.1 ── wan1 ══ wan ── site 1: router 10.242.1.1 ── switch ══ card0 ── computers 10.242.1.11 …
 *                     ── wan2 ══ wan ── site 2: …
 */
import type { LinkShape } from './link-shape.ts';
import { openLink, portQueue, wanQueue } from './link-shape.ts';
import { addNamespace, configure, inspect, removeLeftovers, removeNamespace, setKernel } from './namespaces.ts';

export interface LabSubnetPlan {
  readonly computers: number;
  /** Each is an agent's; 1 by default. */
  readonly addressesPerComputer?: number;
  /** Open by default. */
  readonly wan?: LinkShape;
  /** Of every computer's port, each way. Open by default. */
  readonly lan?: LinkShape;
}

export interface LabComputer {
  readonly namespace: string;
  readonly addresses: readonly string[];
  /** Its network card. */
  readonly card: string;
}

export interface LabSubnet {
  readonly number: number;
  readonly cidr: string;
  readonly prefixLength: number;
  readonly computers: readonly LabComputer[];
}

/** What the kernel counted at the router's end of a WAN link, frames with their headers. */
export interface WanCounters {
  readonly intoSubnetBytes: number;
  readonly outOfSubnetBytes: number;
}

/** What went from the router of one subnet straight to the router of another, frames of every kind. */
export interface CrossCounters {
  readonly thereFrames: number;
  readonly backFrames: number;
}

interface Site extends LabSubnet {
  readonly namespace: string;
  readonly wanCardAtServer: string;
}

/**
 * The same on every machine, and in every kernel. BBR, with which some start, takes the delay of an idle lab link – none –
 * for the link's own, and starves a download whose acknowledgements wait behind uploads: it fills 84 % of a WAN link.
 */
const congestionControl = 'reno';
const serverAddress = '10.240.0.1';
const firstHost = 11;
const card = 'card0';
/** Locally administered; no card of the lab gets it by chance, theirs are random. */
const addressOfNobody = '02:00:00:00:00:01';
/** Of every router and both its switches: what computers know of their router stays true when they are moved. */
const routerHardwareAddress = '02:00:00:00:00:02';

export class LabNetwork {
  readonly server: LabComputer;
  readonly #sites: Site[] = [];
  readonly #namespaces: string[] = [];

  /** Takes down what it has built where it fails half-way. */
  constructor(subnets: readonly LabSubnetPlan[]) {
    removeLeftovers();
    try {
      this.server = { namespace: this.#add('server'), addresses: [serverAddress], card: 'lo' };
      configure(this.server.namespace, 'ip', [`address add ${serverAddress}/32 dev lo`]);
      for (const [index, plan] of subnets.entries()) this.#sites.push(this.#buildSite(index + 1, plan));
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  get subnets(): readonly LabSubnet[] {
    return this.#sites;
  }

  wanCounters(subnet: LabSubnet): WanCounters {
    const [link] = inspect(this.#siteOf(subnet).namespace, ['-s', 'link', 'show', 'dev', 'wan']) as [
      { stats64: { rx: { bytes: number }; tx: { bytes: number } } },
    ];
    return { intoSubnetBytes: link.stats64.rx.bytes, outOfSubnetBytes: link.stats64.tx.bytes };
  }

  /** Nothing arrives any more, and nobody is told: no card goes down, every frame goes to a hardware address of nobody. */
  cutWan(subnet: LabSubnet): void {
    this.#setWanNeighbours(subnet, 'replace', `lladdr ${addressOfNobody} nud permanent`);
  }

  /** Ends a `cutWan`. */
  restoreWan(subnet: LabSubnet): void {
    this.#setWanNeighbours(subnet, 'del', '');
  }

  /** Moves computers to a second switch. Both switches reach the router, and thereby the WAN, but not each other. */
  partition(subnet: LabSubnet, computers: readonly LabComputer[]): void {
    const { namespace, computers: all } = this.#siteOf(subnet);
    configure(namespace, 'ip', [
      `link add lan2 address ${routerHardwareAddress} type bridge forward_delay 0 mcast_snooping 0`,
      `link set lan2 addrgenmode none up`,
      `address add ${routerAddress(subnet.number)}/32 dev lan2`,
      ...computers.map((computer) => `link set port${all.indexOf(computer)} master lan2`),
      ...computers.flatMap(({ addresses }) => addresses.map((address) => `route add ${address}/32 dev lan2`)),
    ]);
  }

  /** Ends a `partition`. */
  heal(subnet: LabSubnet): void {
    const { namespace, computers } = this.#siteOf(subnet);
    configure(namespace, 'ip', [
      ...computers.map((_, index) => `link set port${index} master lan`),
      // Its routes go with it.
      'link del lan2',
    ]);
  }

  /** Connects the routers of two subnets with each other: what passes between the subnets goes there, and nothing else. */
  join(subnet: LabSubnet, other: LabSubnet): void {
    const [here, there] = [this.#siteOf(subnet), this.#siteOf(other)];
    const [near, far] = [crossAddress(here.number, there.number), crossAddress(there.number, here.number)];
    const card = crossCard(there);
    configure(here.namespace, 'ip', [
      `link add ${card} type veth peer name ${crossCard(here)} netns ${there.namespace}`,
      `link set ${card} addrgenmode none up`,
      `address add ${near}/32 peer ${far} dev ${card}`,
    ]);
    configure(there.namespace, 'ip', [
      `link set ${crossCard(here)} addrgenmode none up`,
      `address add ${far}/32 peer ${near} dev ${crossCard(here)}`,
      `route add ${here.cidr} via ${near}`,
    ]);
    configure(here.namespace, 'ip', [`route add ${there.cidr} via ${far}`]);
  }

  /** Between two subnets that were joined. */
  crossCounters(subnet: LabSubnet, other: LabSubnet): CrossCounters {
    const card = crossCard(this.#siteOf(other));
    const [link] = inspect(this.#siteOf(subnet).namespace, ['-s', 'link', 'show', 'dev', card]) as [
      { stats64: { rx: { packets: number }; tx: { packets: number } } },
    ];
    return { thereFrames: link.stats64.tx.packets, backFrames: link.stats64.rx.packets };
  }

  /**
   * Takes a computer with one address to the switch of another subnet, where it gets that address instead of its own, as when
   * a person carries a laptop there: the card stays the same and goes down for a moment.
   */
  move(computer: LabComputer, from: LabSubnet, to: LabSubnet, address: string): void {
    const [old, now] = [this.#siteOf(from), this.#siteOf(to)];
    const port = `port${old.computers.indexOf(computer)}`;
    const newPort = `moved${old.number}-${old.computers.indexOf(computer)}`;
    configure(old.namespace, 'ip', [
      `link set ${port} down`,
      `link set ${port} netns ${now.namespace} name ${newPort}`,
    ]);
    configure(
      computer.namespace,
      'ip',
      computer.addresses.map((text) => `address del ${text}/24 dev ${computer.card}`),
    );
    configure(now.namespace, 'ip', [`link set ${newPort} addrgenmode none master lan up`]);
    configure(computer.namespace, 'ip', [
      `address add ${address}/24 broadcast + dev ${computer.card}`,
      `route add default via ${routerAddress(now.number)}`,
    ]);
  }

  remove(): void {
    const failures: unknown[] = [];
    for (const name of this.#namespaces.splice(0)) {
      try {
        removeNamespace(name);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'not every network namespace could be removed');
  }

  #siteOf(subnet: LabSubnet): Site {
    const site = this.#sites.find(({ number }) => number === subnet.number);
    if (site === undefined) throw new Error(`the lab has no subnet ${subnet.cidr}`);
    return site;
  }

  #setWanNeighbours(subnet: LabSubnet, action: 'replace' | 'del', what: string): void {
    const { namespace, number, wanCardAtServer } = this.#siteOf(subnet);
    configure(namespace, 'ip', [`neigh ${action} 10.241.${number}.1 dev wan ${what}`]);
    configure(this.server.namespace, 'ip', [`neigh ${action} 10.241.${number}.2 dev ${wanCardAtServer} ${what}`]);
  }

  #buildSite(number: number, plan: LabSubnetPlan): Site {
    const namespace = this.#add(`site${number}`);
    const wan = plan.wan ?? openLink;
    const atServer = `wan${number}`;
    setKernel(namespace, 'net/ipv4/ip_forward', '1');
    configure(namespace, 'ip', [
      `link add lan address ${routerHardwareAddress} type bridge forward_delay 0 mcast_snooping 0`,
      'link set lan addrgenmode none up',
      `address add ${routerAddress(number)}/24 dev lan`,
      `link add wan type veth peer name ${atServer} netns ${this.server.namespace}`,
      `link set wan addrgenmode none${frameByFrame(wan)} up`,
      `address add 10.241.${number}.2/30 dev wan`,
    ]);
    configure(this.server.namespace, 'ip', [
      `link set ${atServer} addrgenmode none${frameByFrame(wan)} up`,
      `address add 10.241.${number}.1/30 dev ${atServer}`,
      `route add 10.242.${number}.0/24 via 10.241.${number}.2 src ${serverAddress}`,
    ]);
    configure(namespace, 'ip', [`route add default via 10.241.${number}.1`]);
    const computers = Array.from({ length: plan.computers }, (_, index) =>
      this.#plugIn(namespace, number, index, plan),
    );
    const site = { number, namespace, wanCardAtServer: atServer, cidr: `10.242.${number}.0/24`, prefixLength: 24 };
    if (wan.megabits !== null) {
      configure(namespace, 'tc', [wanQueue('wan', wan.megabits)]);
      configure(this.server.namespace, 'tc', [wanQueue(atServer, wan.megabits)]);
    }
    return { ...site, computers };
  }

  #plugIn(site: string, subnet: number, index: number, plan: LabSubnetPlan): LabComputer {
    const perComputer = plan.addressesPerComputer ?? 1;
    const namespace = this.#add(`pc${subnet}-${index}`);
    const host = firstHost + index * perComputer;
    const addresses = Array.from({ length: perComputer }, (_, offset) => `10.242.${subnet}.${host + offset}`);
    const port = `port${index}`;
    configure(site, 'ip', [
      `link add ${port} type veth peer name ${card} netns ${namespace}`,
      `link set ${port} addrgenmode none master lan up`,
    ]);
    configure(namespace, 'ip', [
      `link set ${card} addrgenmode none up`,
      ...addresses.map((address) => `address add ${address}/24 broadcast + dev ${card}`),
      `route add default via ${routerAddress(subnet)}`,
    ]);
    const { megabits } = plan.lan ?? openLink;
    if (megabits !== null) {
      configure(namespace, 'tc', [portQueue(card, megabits)]);
      configure(site, 'tc', [portQueue(port, megabits)]);
    }
    return { namespace, addresses, card };
  }

  #add(label: string): string {
    const name = addNamespace(label);
    this.#namespaces.push(name);
    setKernel(name, 'net/ipv4/tcp_congestion_control', congestionControl);
    return name;
  }
}

function crossCard({ number }: LabSubnet): string {
  return `cross${number}`;
}

/** Of the router of `subnet` on its link with the router of `other`. */
function crossAddress(subnet: number, other: number): string {
  return `10.243.${subnet}.${other}`;
}

function routerAddress(subnet: number): string {
  return `10.242.${subnet}.1`;
}

/** On a shaped link every frame is one of the wire, as the counters need it; an open one may carry large segments whole. */
function frameByFrame(wan: LinkShape): string {
  return wan.megabits === null ? '' : ' gso_max_segs 1';
}
