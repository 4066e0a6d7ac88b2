import type { BlockSet } from '../base/block-set.ts';
import type { ClockPort } from '../base/clock.ts';
import type { AgentId, PackageGuid, PackageKey } from '../base/ids.ts';
import type { Cidr, Ipv4 } from '../base/ipv4.ts';
import type { RandomPort } from '../base/prng.ts';
import type { Codebase } from '../contracts/agent-api.ts';
import type { AgentEvent } from '../contracts/agent-events.ts';
import type { LiveReport } from '../contracts/agent-feed.ts';
import type { DeliveryCommand, InstallationRecord } from '../contracts/deliveries.ts';
import type { AgentDiagnostics } from '../contracts/diagnostics.ts';
import type { JournalEntry } from '../contracts/journal.ts';
import type { AgentSettings } from '../contracts/settings.ts';
import type { UserAnswer, UserNotice } from '../contracts/user-control.ts';
import type { AnnouncedPackage, DatagramMessage } from './datagram-message.ts';
import type { PeerNumbers } from './peer-numbers.ts';

/*
 * Ports take commands and return nothing. A command that can have a result carries a number (`commandId`), and completes by
 * exactly one event of `agent-input.ts` with that number, a cancelled one included. Numbers are never used twice in the life
 * of an agent. Adapters may complete a command at once, but never from inside the call: always as a later event.
 */

export type CommandId = number;

/** Where a peer listens: one address and one port, for TCP and UDP. */
export interface PeerEndpoint {
  readonly agentId: AgentId;
  readonly address: Ipv4;
  readonly port: number;
}

/** Where a probe goes. `agentId` null: whichever agent of this server is there. */
export interface ProbeTarget {
  readonly agentId: AgentId | null;
  readonly address: Ipv4;
  readonly port: number;
}

export type BlockSource =
  | { readonly kind: 'peer'; readonly peer: PeerEndpoint }
  /** The Notification Server or a Package Server, as handed out among the codebases. */
  | { readonly kind: 'codebase'; readonly codebase: Codebase };

/** What the core has to know of a package; hashes and files stay with the adapter that verifies. */
export interface PackageManifest {
  readonly key: PackageKey;
  readonly guid: PackageGuid;
  readonly version: string;
  readonly name: string;
  readonly totalSizeBytes: number;
  readonly blockSizeBytes: number;
  readonly blockCount: number;
}

export interface AgentInterfaceAddress {
  readonly name: string;
  readonly address: Ipv4;
  readonly subnet: Cidr;
  /** The agent's own port there, TCP and UDP. */
  readonly port: number;
}

/** No completion: a datagram may be lost, and nobody is told. The adapter adds identity, boot, sequence, date and MAC. */
export interface DatagramPort {
  send(interfaceAddress: Ipv4, to: { readonly address: Ipv4; readonly port: number }, message: DatagramMessage): void;
  /** To the subnet of the interface, at the policy port (its hearing sockets). */
  broadcast(interfaceAddress: Ipv4, message: DatagramMessage): void;
}

export interface TransferPort {
  /**
   * Fetches one block, hashes it against the signed snapshot and stores it durably: `blockStored` or `transferFailed`. The
   * package must be open in the store. `idleTimeoutMs`: longest time without a byte before `timeout`.
   */
  fetchBlock(command: {
    readonly commandId: CommandId;
    readonly key: PackageKey;
    readonly block: number;
    readonly source: BlockSource;
    /** Infinity = unlimited. */
    readonly maxBytesPerSecond: number;
    readonly idleTimeoutMs: number;
  }): void;
  setRate(commandId: CommandId, maxBytesPerSecond: number): void;
  /** Ends a fetch as `transferFailed{aborted}`; with `unlessHalfDone` it runs on where half of the block is there. */
  cancel(commandId: CommandId, unlessHalfDone: boolean): void;
  /** `blockMapReceived` or `peerRequestFailed`. */
  fetchBlockMap(command: {
    readonly commandId: CommandId;
    readonly key: PackageKey;
    readonly peer: PeerEndpoint;
    readonly timeoutMs: number;
  }): void;
  /** The probe: `helloAnswered` or `peerRequestFailed`. */
  hello(command: { readonly commandId: CommandId; readonly peer: ProbeTarget; readonly timeoutMs: number }): void;
}

export type ServingAnswer =
  /** Send the block; the adapter paces it, `setServingRate` changes the pace. Ends with `servingEnded`. */
  | {
      readonly kind: 'serve-block';
      readonly maxBytesPerSecond: number;
      /** Only those of the same group get what this one leaves of its rate; missing: those without one. */
      readonly paceGroup?: string;
    }
  /** To who only asks: it would be sent. */
  | { readonly kind: 'available' }
  | { readonly kind: 'block-map'; readonly mapVersion: number; readonly blockCount: number; readonly blocks: BlockSet }
  | {
      readonly kind: 'refuse';
      readonly code:
        | 'busy'
        | 'block-busy'
        | 'installing'
        | 'not-serving'
        | 'not-available'
        | 'peer-downloading-off'
        | 'stopping';
      readonly retryAfterMs: number;
      readonly others: readonly PeerEndpoint[];
    };

/** Answers to `servingRequested` events: exactly one answer each, at once or within some seconds. */
export interface ServingPort {
  answer(requestId: number, answer: ServingAnswer): void;
  setServingRate(requestId: number, maxBytesPerSecond: number): void;
  /** Ends `serve-block` in the middle; `servingEnded` follows. */
  breakOff(requestId: number): void;
  /** Whether the HTTP server for peers listens at all, and its bounds. Idempotent; given anew with every configuration. */
  configure(bounds: {
    readonly enabled: boolean;
    readonly maxConnections: number;
    readonly requestTimeoutMs: number;
    /** Links that are signed with it are answered, whoever has them; null = none are. */
    readonly contentKey: string | null;
  }): void;
}

export interface StorePort {
  /**
   * Prepares room for the package (its snapshot was fetched before): `storeOpened` with the blocks that are there, or `storeFailed`:
   * with `snapshot-missing` where it is not there (any more).
   */
  open(commandId: CommandId, key: PackageKey): void;
  /** All blocks are there: puts the files in place, durably: `storeFinished` or `storeFailed`. */
  finish(commandId: CommandId, key: PackageKey): void;
  /** Deletes the package with its files, and forgets that it was ever delivered: `storeDropped`. */
  drop(commandId: CommandId, key: PackageKey): void;
  /** Deletes it too, and remembers over restarts that this delivery was fulfilled: `storeDropped`. */
  retire(commandId: CommandId, key: PackageKey, deliveryId: string): void;
  /** How full the disk is, and what the packages take of it: `storeMeasured` or `storeFailed`. */
  measure(commandId: CommandId): void;
  /** When a package was used last; kept over restarts, a crash may lose the latest. No completion. */
  noteUse(key: PackageKey, atWallMs: number): void;
}

export interface ServerPort {
  /** Asks for the configuration; only a changed one comes back as `configurationReceived`, else `serverAnswered`. */
  fetchConfiguration(commandId: CommandId): void;
  /** Fetches and checks the signed snapshot and keeps it in the store: `snapshotReceived` or `serverFailed`. */
  fetchSnapshot(commandId: CommandId, guid: PackageGuid, version: string): void;
  /** `codebasesReceived` or `serverFailed`. */
  fetchCodebases(commandId: CommandId, guid: PackageGuid, version: string): void;
  /** Online agents in the additional subnets: `subnetHintsReceived` or `serverFailed`. */
  fetchSubnetHints(commandId: CommandId): void;
  /** `serverAnswered` once they are committed, or `serverFailed`: then the core sends them again later. */
  sendEvents(commandId: CommandId, events: readonly AgentEvent[]): void;
  /** No completion: a report that somebody is looking at, worthless when late. */
  sendLiveReport(report: LiveReport): void;
  sendDiagnostics(report: AgentDiagnostics): void;
  /** A share of the limit on what leaves the site is used. No completion: it is said again. */
  tellOutboundUse(): void;
  /** The same of the limit on what enters a site below. */
  tellInboundUse(siteId: string): void;
}

export interface PersistencePort {
  /** Kept over restarts, dropped by the adapter beyond the policy's size. No completion. */
  appendJournal(entry: JournalEntry, keepEntries: number): void;
}

/** Every way out of the computer at once: datagrams, transfers, the HTTP server, the server's interface and its feed. */
export interface CommunicationPort {
  /**
   * Given once at the start and after every change. While it is false nothing is sent or taken in, and what is under way
   * ends; datagrams that were given before still leave. No completion: commands that need the network fail.
   */
  setAllowed(isAllowed: boolean): void;
}

/** What a command came to. */
export type ExecutionOutcome =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'could-not-start'; readonly detail: string };

/** Installations: what is written down of them, and the commands of packages. */
export interface ExecutionPort {
  /** Replaces the record of its delivery, durably: `installationNoted`. */
  note(commandId: CommandId, record: InstallationRecord): void;
  /** Forgets all records but those of these deliveries. No completion: what is kept too long does no harm. */
  keepOnly(deliveryIds: readonly string[]): void;
  /**
   * Runs a file of the package in its folder, without a shell: `executed`. At `timeoutMs` it is killed with everything
   * that it started. Of what it writes the last `outputLimitBytes` are kept.
   */
  run(command: {
    readonly commandId: CommandId;
    readonly key: PackageKey;
    readonly command: DeliveryCommand;
    readonly timeoutMs: number;
    readonly outputLimitBytes: number;
  }): void;
}

/** The person at the computer. */
export interface UserPort {
  /** Exactly one answer to each `userRequested`. */
  answer(requestId: number, answer: UserAnswer): void;
  /** No completion: whether somebody reads it is not known. */
  notify(notice: UserNotice): void;
}

/** Who lives in a subnet and when it was last heard. A worker has one of its own; the simulator shares one per subnet. */
export interface SubnetDirectoryPort {
  /** Of everybody who was ever heard. */
  readonly numbers: PeerNumbers;
  heard(presence: PeerPresence, nowMs: number): 'new' | 'changed' | 'refreshed';
  gone(subnet: Cidr, agentId: AgentId): void;
  /** Null where it was never heard or said byebye. */
  find(agentId: AgentId): PeerPresence | null;
  /** Null where it was never heard or said byebye. */
  lastHeardMs(agentId: AgentId): number | null;
  /** In the order of agent ids: decisions must not depend on arrival order. */
  peersOf(subnet: Cidr): readonly PeerPresence[];
  /**
   * All of `peersOf`, and perhaps this agent and others that it never heard: a list that is not changed but replaced, and that agents
   * share where they share a directory.
   */
  everybodyIn(subnet: Cidr): readonly PeerPresence[];
  /** Heard again as it is known. */
  heardAgain(agentId: AgentId, nowMs: number): void;
  /** What the peer said it has, in the life that it was heard in. */
  noteAnnounced(agentId: AgentId, bootId: number, packages: readonly AnnouncedPackage[]): void;
  announcedBy(agentId: AgentId, key: PackageKey): AnnouncedPackage | null;
  /**
   * False: nothing is on its way here, and what a peer announces of its packages need only be noted in the directory, once it was
   * heard in this life of it. A simulator leaves those announcements out.
   */
  setAttentive(isAttentive: boolean): void;
  /** An announcement of the peer was heard here, in the life that it was heard in last. */
  hasAnnounced(agentId: AgentId): boolean;
}

export interface PeerPresence extends PeerEndpoint {
  readonly name: string;
  readonly bootId: number;
  readonly subnet: Cidr;
}

export interface AgentPorts {
  readonly clock: ClockPort;
  readonly random: RandomPort;
  readonly datagrams: DatagramPort;
  readonly transfers: TransferPort;
  readonly serving: ServingPort;
  readonly store: StorePort;
  readonly server: ServerPort;
  readonly persistence: PersistencePort;
  readonly communication: CommunicationPort;
  readonly execution: ExecutionPort;
  readonly user: UserPort;
  readonly subnetDirectory: SubnetDirectoryPort;
}

/** What an agent is, before any configuration. */
export interface AgentIdentity {
  readonly agentId: AgentId;
  readonly name: string;
  readonly bootId: number;
  readonly productVersion: string;
  readonly platform: string;
  readonly cpuCores: number;
  /** Whether commands of packages may run here (`--allow-execute`). */
  readonly allowsExecution: boolean;
  /** Wall time of the start of the computer; null where nobody knows. What waited for it is done. */
  readonly computerStartedAtMs: number | null;
  /** The next event sequence; everything below was used before the restart. */
  readonly firstEventSequence: number;
  readonly firstJournalSequence: number;
  /** In force until the first configuration; of the adapter, because the core knows contracts as types only. */
  readonly settings: AgentSettings;
}
