import type { PackageKey } from '../base/ids.ts';
import type { Contact } from './contact.ts';
import type { NodeId } from './node-id.ts';

/** k of the paper: members of a bucket, copies of a value, contacts of an answer. */
export const replication = 8;
/** Holders named in an answer: 324 bytes of a datagram, and more than twice the sources of a download attempt. */
export const maxHoldersPerAnswer = 12;
/** Packages in one STORE: 40 × 25 bytes with envelope and MAC stay below 1,200. */
export const maxEntriesPerStore = 40;

export type HolderState = 'downloading' | 'ready';

/** What is announced of one package. */
export interface PackageEntry {
  readonly key: PackageKey;
  readonly state: HolderState;
  readonly blocks: number;
}

/** Who has a package, as one node tells another. Less worth than what the holder itself says. */
export interface HolderValue extends Contact {
  readonly state: HolderState;
  readonly blocks: number;
  /** It was announced in the last interval. One that missed a round may be gone. */
  readonly isFresh: boolean;
}

/** `requestId`: u32, given by the asker; an answer carries that of its request. `token`: 48 bits, 0 = none. */
export type DhtRequest =
  | { readonly kind: 'ping'; readonly requestId: number }
  | { readonly kind: 'find-node'; readonly requestId: number; readonly target: NodeId }
  | {
      readonly kind: 'find-holders';
      readonly requestId: number;
      readonly key: PackageKey;
      /** The asker is going to announce. */
      readonly wantsToken: boolean;
    }
  /** The sender holds these; the holder is always the sender, at the address that it sends from. */
  | {
      readonly kind: 'store';
      readonly requestId: number;
      readonly token: number;
      readonly lifetimeMs: number;
      readonly entries: readonly PackageEntry[];
    };

export type DhtAnswer =
  | { readonly kind: 'pong'; readonly requestId: number }
  | { readonly kind: 'nodes'; readonly requestId: number; readonly contacts: readonly Contact[] }
  | {
      readonly kind: 'holders';
      readonly requestId: number;
      readonly token: number;
      readonly contacts: readonly Contact[];
      readonly holders: readonly HolderValue[];
    }
  /** With `isAccepted` false the token was not valid and nothing was stored; `token` is valid now in any case. */
  | {
      readonly kind: 'stored';
      readonly requestId: number;
      readonly token: number;
      readonly isAccepted: boolean;
      /** Places in the request of entries that need not be announced for now: enough others are known. */
      readonly enough: readonly number[];
    };

export type DhtMessage = DhtRequest | DhtAnswer;

export function isDhtRequest(message: DhtMessage): message is DhtRequest {
  return ['ping', 'find-node', 'find-holders', 'store'].includes(message.kind);
}

export function contactOf({ agentId, address, port }: Contact): Contact {
  return { agentId, address, port };
}
