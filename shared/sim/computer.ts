import type { PeerEndpoint } from '../agent/ports.ts';
import type { AgentId } from '../base/ids.ts';
import type { Cidr, Ipv4 } from '../base/ipv4.ts';
import type { LocationType } from '../contracts/conditions.ts';
import { normalConditions } from '../contracts/conditions.ts';
import type { AgentSettings } from '../contracts/settings.ts';
import type { AgentLife } from './agent-life.ts';
import type { BroadcastDomain } from './broadcast-domain.ts';
import type { LinkId } from './flow-network.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import type { SimulatedCommand } from './simulation-plan.ts';

/** What the server knows of a place; its subnets are one LAN. */
export interface SimulatedSite {
  readonly name: string;
  readonly locationType: LocationType;
  /** What its Package Servers send to other sites, together; 0 = unlimited. */
  readonly outboundKilobytesPerSecond: number;
  /** What others send into it from outside, together; 0 = unlimited. */
  readonly inboundKilobytesPerSecond: number;
  readonly subnets: Cidr[];
}

/** An IP range with its own broadcast domain behind one WAN link. */
export interface SimulatedSubnet {
  readonly index: number;
  readonly cidr: Cidr;
  readonly wanLink: LinkId;
  /** Out of the subnet, to other sites. */
  readonly wanOutLink: LinkId;
  /** The site above it in the tree; null = at the top. */
  readonly parent: number | null;
  /** Of the local time there. */
  readonly utcOffsetMinutes: number;
  readonly site: SimulatedSite;
  readonly computers: Computer[];
  readonly domain: BroadcastDomain;
  isWanCut: boolean;
}

/** A computer with an agent installed. It outlives the agent's processes: see `life`. */
export class Computer implements PeerEndpoint {
  readonly index: number;
  readonly agentId: AgentId;
  readonly name: string;
  readonly port: number;
  readonly uplink: LinkId;
  readonly downlink: LinkId;
  /** Its own way to the WAN, without a limit unless a fault gives it one. */
  readonly wanDownlink: LinkId;
  readonly ownSettings: Partial<AgentSettings>;
  readonly isPackageServer: boolean;
  /** KB/s to all together, where it is a Package Server; 0 = unlimited. */
  readonly packageServerUpload: number;
  readonly disk = new SimulatedDisk();
  #subnet: SimulatedSubnet;
  #address: Ipv4;
  /** Where it was before: what it still sends from there gets nowhere. */
  formerAddress: Ipv4 | null = null;
  /** How often it was carried elsewhere: connections from before lead nowhere. */
  moves = 0;
  /** Null while no agent runs. */
  life: AgentLife | null = null;
  /** Null: no agent ran here yet. */
  firstOnAtMs: number | null = null;
  lives = 0;
  conditions = normalConditions;
  /** It was carried into another time zone. */
  clockChangedAtMs = Number.NEGATIVE_INFINITY;
  /** By its conditions; null while it does not. What the agent itself installs is not meant. */
  installingSinceMs: number | null = null;
  allowsExecution = true;
  /** What commands do here at their first, second … try; the last one goes on. */
  commands: readonly SimulatedCommand[] = [{ durationMs: 1000, exitCode: 0 }];
  isUnplugged = false;
  isStalling = false;
  isCorrupting = false;
  /** It stalled or sent damaged blocks once: who noticed counts on nothing that it has, for minutes or the rest of a package. */
  hasMisbehaved = false;
  /** Cut off from the rest of its subnet and from the WAN, together with others of the same number. 0 = not at all. */
  side = 0;

  constructor(facts: {
    readonly index: number;
    readonly subnet: SimulatedSubnet;
    readonly agentId: AgentId;
    readonly name: string;
    readonly address: Ipv4;
    readonly port: number;
    readonly uplink: LinkId;
    readonly downlink: LinkId;
    readonly wanDownlink: LinkId;
    readonly ownSettings: Partial<AgentSettings>;
    readonly isPackageServer: boolean;
    readonly packageServerUpload: number;
  }) {
    this.index = facts.index;
    this.#subnet = facts.subnet;
    this.agentId = facts.agentId;
    this.name = facts.name;
    this.#address = facts.address;
    this.port = facts.port;
    this.uplink = facts.uplink;
    this.downlink = facts.downlink;
    this.wanDownlink = facts.wanDownlink;
    this.ownSettings = facts.ownSettings;
    this.isPackageServer = facts.isPackageServer;
    this.packageServerUpload = facts.packageServerUpload;
  }

  get subnet(): SimulatedSubnet {
    return this.#subnet;
  }

  get address(): Ipv4 {
    return this.#address;
  }

  /** See `World.moveComputer`. */
  moveTo(subnet: SimulatedSubnet, address: Ipv4): void {
    this.moves++;
    this.formerAddress = this.#address;
    this.#subnet = subnet;
    this.#address = address;
    // Whatever switch failed, it is not that of the new subnet.
    this.side = 0;
  }

  /** Whether a packet from here gets there. Subnets are routed to each other: keeping apart is the agents' duty. */
  reaches(other: Computer): boolean {
    if (this.isUnplugged || other.isUnplugged) return false;
    return this.side === other.side || this.subnet !== other.subnet;
  }

  /** The same for what is asked of a Package Server: to another site it takes the WAN links of both. */
  reachesServing(other: Computer): boolean {
    if (this.subnet.site === other.subnet.site) return this.reaches(other);
    return this.reachesServer && other.reachesServer;
  }

  get reachesServer(): boolean {
    return !this.isUnplugged && this.side === 0 && !this.subnet.isWanCut;
  }
}
