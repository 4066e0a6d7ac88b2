import type { BlockSet } from '../base/block-set.ts';
import type { AgentId, PackageGuid, PackageKey } from '../base/ids.ts';
import type { Ipv4 } from '../base/ipv4.ts';
import type { AgentConfiguration, Codebase } from '../contracts/agent-api.ts';
import type { FeedToCore } from '../contracts/agent-feed.ts';
import type { ComputerConditions } from '../contracts/conditions.ts';
import type { InstallationRecord } from '../contracts/deliveries.ts';
import type { DroppedDatagramKind } from '../contracts/diagnostics.ts';
import type { UserAction } from '../contracts/user-control.ts';
import type { DatagramMessage } from './datagram-message.ts';
import type { AgentInterfaceAddress, CommandId, ExecutionOutcome, PackageManifest, PeerEndpoint } from './ports.ts';

export type TransferFailure =
  | { readonly code: 'timeout' }
  /** Connection refused or reset, or an HTTP answer that is no block. */
  | { readonly code: 'refused'; readonly detail: string }
  /**
   * A 503; `others` may have a free slot. `block-busy`: it has one as well, but for other blocks.
   * `installing`: it gives nothing to anybody while it installs something. `not-serving`: nor while another reason lasts.
   */
  | {
      readonly code: 'busy' | 'block-busy' | 'installing' | 'not-serving';
      readonly retryAfterMs: number;
      readonly others: readonly PeerEndpoint[];
    }
  /** The peer does not have the block (any longer). */
  | { readonly code: 'not-available' }
  | { readonly code: 'identity-mismatch' }
  | { readonly code: 'hash-mismatch' }
  | { readonly code: 'disk-full' }
  | { readonly code: 'disk-error'; readonly detail: string }
  | { readonly code: 'aborted' };

export type ServingRequest =
  | {
      readonly kind: 'block';
      readonly key: PackageKey;
      readonly block: number;
      /** It came over a connection beyond the policy's maximum: the answer is "busy", with others to ask. */
      readonly isOverLimit?: boolean;
    }
  | { readonly kind: 'block-map'; readonly key: PackageKey }
  | ContentRequest;

/** Of a Package Server, by any agent of the organisation; the package need not be known here. */
export interface ContentRequest {
  readonly kind: 'content';
  readonly key: PackageKey;
  readonly guid: PackageGuid;
  readonly version: string;
  readonly block: number;
  /** Nothing is wanted but the word whether it is to be had: the answer is `available` or a refusal. */
  readonly isOnlyAsked?: boolean;
  /** A client with a link asks, who is no agent: only its address says who it is, and the peer is this agent itself. */
  readonly isByLink?: boolean;
}

/** Everything that happens to an agent. One at a time, in order. */
export type AgentInput =
  /** First event of a life: the network interfaces and what the store holds from before. */
  | {
      readonly kind: 'started';
      readonly interfaces: readonly AgentInterfaceAddress[];
      /** Names of adapters that have IPv6 only. */
      readonly unsupported?: readonly string[];
      readonly restored: readonly {
        readonly manifest: PackageManifest;
        readonly blocks: BlockSet;
        /** Its files are in place. */
        readonly finished: boolean;
        /** Wall time; null where it was never noted. */
        readonly lastUsedMs: number | null;
      }[];
      /** Deliveries that were fulfilled here and whose packages were deleted since. */
      readonly retired: readonly { readonly key: PackageKey; readonly deliveryId: string }[];
      /** Missing: nothing was ever installed here. */
      readonly installations?: readonly InstallationRecord[];
      readonly conditions: ComputerConditions;
      /** The one of the last life, to work with until the server answers. */
      readonly configuration: AgentConfiguration | null;
    }
  | {
      readonly kind: 'interfacesChanged';
      readonly interfaces: readonly AgentInterfaceAddress[];
      readonly unsupported?: readonly string[];
    }
  /** The whole of what the computer says of itself, whenever a part of it changes. */
  | { readonly kind: 'conditionsChanged'; readonly conditions: ComputerConditions }
  /** Say byebye, release claims, start nothing new. */
  | { readonly kind: 'stopRequested' }
  | { readonly kind: 'timer'; readonly timerId: number }
  // server
  | {
      readonly kind: 'configurationReceived';
      readonly commandId: CommandId;
      readonly configuration: AgentConfiguration;
    }
  | { readonly kind: 'snapshotReceived'; readonly commandId: CommandId; readonly manifest: PackageManifest }
  | { readonly kind: 'codebasesReceived'; readonly commandId: CommandId; readonly codebases: readonly Codebase[] }
  /** Where agents of additional subnets listen; each is to be probed before it is a peer. */
  | { readonly kind: 'subnetHintsReceived'; readonly commandId: CommandId; readonly peers: readonly PeerEndpoint[] }
  | { readonly kind: 'serverAnswered'; readonly commandId: CommandId }
  | {
      readonly kind: 'serverFailed';
      readonly commandId: CommandId;
      /** `refused`: the server answered and said no, the same request will fail again. */
      readonly code: 'unreachable' | 'refused' | 'invalid-snapshot' | 'disk-error';
      readonly detail: string;
    }
  /** `connected` after every (re)connection of the feed. */
  | { readonly kind: 'feedReceived'; readonly message: FeedToCore | { readonly kind: 'connected' } }
  // store
  | { readonly kind: 'storeOpened'; readonly commandId: CommandId; readonly blocks: BlockSet }
  | { readonly kind: 'storeFinished'; readonly commandId: CommandId }
  | { readonly kind: 'storeDropped'; readonly commandId: CommandId }
  | {
      readonly kind: 'storeMeasured';
      readonly commandId: CommandId;
      readonly freeBytes: number;
      /** The whole disk. */
      readonly diskBytes: number;
      /** By the packages of this agent. */
      readonly usedBytes: number;
    }
  | {
      readonly kind: 'storeFailed';
      readonly commandId: CommandId;
      /** `snapshot-missing`: the store does not know the package (any more). */
      readonly code: 'disk-full' | 'disk-error' | 'path-refused' | 'snapshot-missing';
      readonly detail: string;
    }
  /** Blocks that were verified once are gone from the disk, or are others now. What `open` and `finish` find is in their results. */
  | { readonly kind: 'blocksLost'; readonly key: PackageKey; readonly blocks: readonly number[] }
  // execution
  /** `problem`: why it is not on the disk, in a sentence. */
  | { readonly kind: 'installationNoted'; readonly commandId: CommandId; readonly problem: string | null }
  | {
      readonly kind: 'executed';
      readonly commandId: CommandId;
      readonly outcome: ExecutionOutcome;
      /** The end of what it wrote to both of its outputs. */
      readonly output: string;
    }
  // transfers
  | { readonly kind: 'blockStored'; readonly commandId: CommandId; readonly bytes: number; readonly elapsedMs: number }
  /** `receivedBytes`: what came of this block before it failed. */
  | {
      readonly kind: 'transferFailed';
      readonly commandId: CommandId;
      readonly failure: TransferFailure;
      readonly receivedBytes: number;
    }
  /** At most one a second and transfer. */
  | { readonly kind: 'transferProgressed'; readonly commandId: CommandId; readonly receivedBytes: number }
  | {
      readonly kind: 'blockMapReceived';
      readonly commandId: CommandId;
      readonly mapVersion: number;
      readonly blocks: BlockSet;
      readonly elapsedMs: number;
    }
  | {
      readonly kind: 'helloAnswered';
      readonly commandId: CommandId;
      /** Who answered. Where nobody was asked by name this is its word only: another probe has to prove it. */
      readonly agentId: AgentId;
      readonly name: string;
      readonly bootId: number;
      readonly elapsedMs: number;
    }
  | {
      readonly kind: 'peerRequestFailed';
      readonly commandId: CommandId;
      readonly code:
        | 'timeout'
        | 'refused'
        | 'identity-mismatch'
        | 'not-available'
        | 'invalid-answer'
        | 'aborted'
        /** The peer answered that our address is in none of its subnets. */
        | 'outside-subnets';
    }
  // serving
  | {
      readonly kind: 'servingRequested';
      readonly requestId: number;
      readonly peer: AgentId;
      readonly address: Ipv4;
      readonly request: ServingRequest;
    }
  /** After `serve-block` only: how many block bytes left, all of them or not. */
  | {
      readonly kind: 'servingEnded';
      readonly requestId: number;
      readonly sentBytes: number;
      readonly completed: boolean;
    }
  // the person at the computer
  | { readonly kind: 'userRequested'; readonly requestId: number; readonly action: UserAction }
  // datagrams
  | {
      readonly kind: 'datagramReceived';
      /** The interface whose subnet it came in on. */
      readonly interfaceAddress: Ipv4;
      readonly from: { readonly address: Ipv4; readonly port: number };
      readonly sender: AgentId;
      readonly bootId: number;
      readonly message: DatagramMessage;
    }
  /** Counted by the adapter: malformed, wrong MAC, replayed … */
  | { readonly kind: 'datagramsDropped'; readonly reason: DroppedDatagramKind; readonly count: number };

export type AgentInputKind = AgentInput['kind'];
