import type { BlockRange } from '../base/block-set.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Ipv4 } from '../base/ipv4.ts';
import type { AnnouncedPackageState } from '../contracts/package-state.ts';
import type { SignedWithdrawal } from '../contracts/withdrawal.ts';
import type { DhtMessage } from '../dht/messages.ts';
import type { PeerEndpoint } from './ports.ts';

export interface AnnouncedPackage {
  readonly key: PackageKey;
  readonly state: AnnouncedPackageState;
  readonly blocks: number;
}

/** What agents tell each other by UDP. Wire form: docs/protocol.md and `datagrams/`. */
export type DatagramMessage =
  /** Announcement. `packages` holds at most 8, the most recently changed first. */
  | {
      readonly kind: 'alive';
      readonly name: string;
      readonly address: Ipv4;
      readonly port: number;
      readonly packages: readonly AnnouncedPackage[];
    }
  | { readonly kind: 'byebye' }
  /** "I need this package": who holds it answers with `blocks`, who claims it with `claim`. */
  | { readonly kind: 'want'; readonly key: PackageKey }
  /** "I fetch it over the WAN for all." Higher (epoch, HRW) wins. */
  | {
      readonly kind: 'claim';
      readonly key: PackageKey;
      readonly epoch: number;
      /** Who fetches block i over the WAN: lanes[i mod n]. 1 … 8, the claimer among them. */
      readonly lanes: readonly AgentId[];
      /** What the claimer may take over the WAN at most, bytes per second; 0 = unknown. */
      readonly rateCapBytesPerSecond: number;
      /** WAN bytes received under this claim, unfinished blocks included: tells a slow link from a stuck claimer. */
      readonly progressBytes: number;
      /** Consecutive source failures: the back-off belongs to the claim, not to the agent. */
      readonly failures: number;
    }
  /** "I no longer fetch it." Nobody claims before `retryAfterMs`; `successor` claims first. */
  | {
      readonly kind: 'release';
      readonly key: PackageKey;
      readonly epoch: number;
      readonly retryAfterMs: number;
      readonly failures: number;
      readonly successor: AgentId | null;
    }
  /** Agents of additional subnets, 1 … 32: leads that each receiver probes before it believes them. */
  | { readonly kind: 'peers'; readonly peers: readonly PeerEndpoint[] }
  /** Verified blocks of the sender. */
  | {
      readonly kind: 'blocks';
      readonly key: PackageKey;
      /** Rises with every change of the sender's blocks, so that a late notice never undoes a newer one. */
      readonly mapVersion: number;
      readonly blockCount: number;
      /** The sender fetches what is missing. Where it does not (held up, no room), nobody waits for it to take a block. */
      readonly isFetching: boolean;
      readonly ranges: readonly BlockRange[];
    }
  /** "The server has withdrawn this package": passed on with the server's own signature. */
  | ({ readonly kind: 'withdrawal' } & SignedWithdrawal)
  /** Node to node in the DHT of a subnet; always to one peer. */
  | { readonly kind: 'dht'; readonly message: DhtMessage };

export const maxDatagramBytes = 1200;
export const maxAnnouncedPackages = 8;
export const maxLanes = 8;
export const maxToldPeers = 32;
