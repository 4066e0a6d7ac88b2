import type { PrepositionedPackage } from '../contracts/agent-api.ts';
import type { ComputerConditions, LocationType } from '../contracts/conditions.ts';
import type { StageStart } from '../contracts/deliveries.ts';
import type { DeliverySpec } from '../contracts/deliveries-api.ts';
import type { AgentSettings } from '../contracts/settings.ts';

/** A network and what is to be delivered in it. Rates are goodput in bytes per second, Infinity = unlimited. */
export interface SimulationPlan {
  readonly subnets: readonly SubnetPlan[];
  readonly packages: readonly PackagePlan[];
  /** Over the defaults of `simulatedSettings`, for every agent. */
  readonly settings?: Partial<AgentSettings>;
  readonly network?: Partial<NetworkPlan>;
  /** `own` is what an agent worker has; `shared` costs one entry per peer and subnet instead of one per pair. */
  readonly directory?: 'own' | 'shared';
  /** All are on all the time where nothing is said. */
  readonly onlineHours?: OnlineHoursPlan;
  /** `summary`: no journals, no events and no windows are kept, which are most of the memory of a large run. */
  readonly records?: 'everything' | 'summary';
}

/** When computers are switched on and off, and carried elsewhere in between. Asked for one change at a time. */
export interface OnlineHoursPlan {
  /** `computer`: its number, counted over all subnets in their order. */
  isOnAt(computer: number, atMs: number): boolean;
  /** The first one after that time; null = it stays as it is. */
  nextChange(computer: number, afterMs: number): HoursChange | null;
}

export interface HoursChange {
  readonly atMs: number;
  readonly isOn: boolean;
  /** Where it is switched on; where it was if nothing is said. */
  readonly subnet?: number;
}

export interface SubnetPlan {
  /** 1 … 1,000. */
  readonly agents: number;
  /** In its address and in the names of its computers: of a part of an organisation, the number there. Its own number otherwise. */
  readonly number?: number;
  /** From outside into the subnet. */
  readonly wanBytesPerSecond?: number;
  /** What its Package Servers can send to other sites; unlimited where nothing is said. */
  readonly wanOutBytesPerSecond?: number;
  /** Number of an earlier subnet whose WAN link it uses, both ways; none = it has one of its own. */
  readonly wanLinkOf?: number;
  readonly uploadBytesPerSecond?: number;
  readonly downloadBytesPerSecond?: number;
  /** When its agents start, 0 where nothing is said. */
  readonly startAtMs?: number;
  /** Its time zone: virtual time begins on a Monday at 00:00 UTC. */
  readonly utcOffsetMinutes?: number;
  /** Subnets of one site share its LAN; each is a site of its own where nothing is said. */
  readonly site?: string;
  /** Of its site, said by the first subnet of it; an office where nothing is said. */
  readonly locationType?: LocationType;
  /** Number of the subnet whose site is above; none = at the top. */
  readonly parent?: number;
  /** Numbers of the agents within the subnet that are its Package Servers. */
  readonly packageServers?: readonly number[];
  /** What each of them sends at most to all together, KB/s; 0 = unlimited. */
  readonly packageServerUpload?: number;
  /** What all of them together send to other sites, KB/s; 0 = unlimited. */
  readonly outboundKilobytesPerSecond?: number;
  /** What the Notification Server and the Package Servers of sites above send into its site together, KB/s; 0 = unlimited. */
  readonly inboundKilobytesPerSecond?: number;
  /** Agents by their number within the subnet that differ from the others. */
  readonly special?: Readonly<Record<number, SpecialAgentPlan>>;
}

export interface SpecialAgentPlan {
  readonly startAtMs?: number;
  readonly settings?: Partial<AgentSettings>;
  readonly uploadBytesPerSecond?: number;
  readonly downloadBytesPerSecond?: number;
  /** Ample where nothing is said. */
  readonly diskBytes?: number;
  /** What commands of packages do here at their first, second … try; the last one goes on. One second, and 0, where nothing is said. */
  readonly commands?: readonly SimulatedCommand[];
  /** Started without the permission to run commands. */
  readonly forbidsExecution?: boolean;
}

export interface SimulatedCommand {
  readonly durationMs: number;
  readonly exitCode: number;
}

export interface PackagePlan {
  readonly totalSizeBytes: number;
  /** When the Notification Server assigns it to the agents, 0 where nothing is said. */
  readonly deliverAtMs?: number;
  readonly priority?: 'emergency' | 'normal' | 'background';
  /** Numbers of the subnets that get it, all where nothing is said. Those of the first stage where there are several. */
  readonly subnets?: readonly number[];
  /** Schedule, installation and further stages; at once to all, and no more, where nothing is said. */
  readonly delivery?: SimulatedDeliveryPlan;
  /** From the beginning on, the Package Servers of these subnets keep it without being asked for it. */
  readonly preposition?: { readonly subnets: readonly number[] } & Pick<
    PrepositionedPackage,
    'priority' | 'availableFromMs' | 'windows'
  >;
}

export interface SimulatedDeliveryPlan extends Partial<Omit<DeliverySpec, 'laterStages'>> {
  /** After the first. */
  readonly stages?: readonly { readonly subnets: readonly number[]; readonly start: StageStart }[];
}

/** What an administrator does with a delivery. */
export type SteeringKind = 'paused' | 'resumed' | 'cancelled' | 'failed-retried' | 'next-stage-started';

export interface NetworkPlan {
  readonly lanLatencyUs: number;
  readonly wanLatencyUs: number;
  /** Added to each latency, uniform in 0 … this. */
  readonly jitterUs: number;
  /** Of datagrams, for each receiver apart. */
  readonly lossPercent: number;
  /** Hashing a block and making it durable. */
  readonly storeDelayUs: number;
  /** Rates follow changes within this time; 0 is exact, 1,000 saves time with hundreds of transfers. */
  readonly rateQuantumUs: number;
  /** What the Notification Server can send to all together. */
  readonly serverBytesPerSecond: number;
}

export const defaultNetwork: NetworkPlan = {
  lanLatencyUs: 200,
  wanLatencyUs: 20_000,
  jitterUs: 300,
  lossPercent: 0,
  storeDelayUs: 4_000,
  rateQuantumUs: 0,
  serverBytesPerSecond: Number.POSITIVE_INFINITY,
};

/** 1 Gbit/s × 1448/1514, the goodput of an office LAN. */
export const gigabitGoodput = 119_550_000;
/** 40 Mbit/s × 1448/1514. */
export const defaultWanGoodput = 4_782_000;

export type AgentChoice =
  | { readonly subnet: number; readonly agent: number }
  /** Whoever sends the first block request to the Notification Server from there, for the first package. */
  | {
      readonly firstDownloaderOf: number;
      /** Whoever was first to ask a Package Server of another site counts as well. */
      readonly ofAnyServer?: boolean;
    };

export type FaultMoment =
  | { readonly atMs: number }
  /** As soon as the agent holds this share of the first package's blocks. */
  | { readonly blocksHeldPercent: number };

interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

export type Fault =
  /** The process dies: sockets are reset, memory is gone, the disk stays. Null = it stays dead. */
  | {
      readonly kind: 'kill';
      readonly agent: AgentChoice;
      readonly when: FaultMoment;
      readonly restartAfterMs: number | null;
    }
  /** The service is stopped in order: `stopRequested`, and the process ends 500 ms later. */
  | {
      readonly kind: 'stop';
      readonly agent: AgentChoice;
      readonly when: FaultMoment;
      readonly restartAfterMs: number | null;
    }
  /** The network cable is out: nothing gets through, nobody is told. */
  | ({ readonly kind: 'unplug'; readonly agent: AgentChoice } & Span)
  /** The computer is carried to another subnet: `noticedAfterMs` without a network, then an address there, and the agent is told. */
  | {
      readonly kind: 'roam';
      readonly agent: AgentChoice;
      readonly when: FaultMoment;
      readonly toSubnet: number;
      readonly noticedAfterMs: number;
    }
  /** The agent takes block requests, answers, and sends no byte. */
  | ({ readonly kind: 'stall'; readonly agent: AgentChoice } & Span)
  /** The agent sends damaged blocks. */
  | ({ readonly kind: 'corrupt'; readonly agent: AgentChoice } & Span)
  /** The computer is on battery, connected through VPN, busy …; it stays. */
  | {
      readonly kind: 'conditions';
      readonly agent: AgentChoice;
      readonly when: FaultMoment;
      readonly conditions: Partial<ComputerConditions>;
    }
  /** Others take what is free of the agent's disk, and give it back. */
  | ({ readonly kind: 'fill-disk'; readonly agent: AgentChoice } & Span)
  /** The disk loses every so manieth block of each package, and the agent finds out at once; one that is down, as it starts. */
  | {
      readonly kind: 'damage-disk';
      readonly agent: AgentChoice;
      readonly when: FaultMoment;
      readonly everyNthBlock: number;
    }
  /** The agent's own way to the Notification Server is slow; `when` starts it, it stays. */
  | {
      readonly kind: 'slow-wan';
      readonly agent: AgentChoice;
      readonly when: FaultMoment;
      readonly bytesPerSecond: number;
    }
  /** The site's WAN link is dead. */
  | ({ readonly kind: 'cut-wan'; readonly subnet: number } & Span)
  /** The switch of the subnet splits: these agents on one side, all others (and the WAN) on the other. */
  | ({ readonly kind: 'partition'; readonly subnet: number; readonly agents: readonly number[] } & Span)
  | ({ readonly kind: 'server-down' } & Span)
  | { readonly kind: 'withdraw'; readonly package: number; readonly atMs: number }
  /** No delivery asks for the package any longer. */
  | { readonly kind: 'cancel'; readonly package: number; readonly atMs: number }
  /** One does again. */
  | { readonly kind: 'deliver'; readonly package: number; readonly atMs: number }
  | { readonly kind: 'steer-delivery'; readonly package: number; readonly action: SteeringKind; readonly atMs: number }
  /** The policy changes for everybody. */
  | { readonly kind: 'settings'; readonly atMs: number; readonly settings: Partial<AgentSettings> };
