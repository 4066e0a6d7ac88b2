import { BlockSet } from '../base/block-set.ts';
import type { AgentId } from '../base/ids.ts';
import type { JournalReason, SourceKind } from '../contracts/journal.ts';
import type { CommandId, PeerEndpoint } from './ports.ts';

export interface BlockRequest {
  readonly commandId: CommandId;
  readonly block: number;
  readonly source: SourceKind;
  /** The peer asked; null for a codebase. */
  readonly peer: AgentId | null;
  /** Where the peer was asked; null for a codebase. */
  readonly place: Pick<PeerEndpoint, 'address' | 'port'> | null;
  readonly reason: JournalReason;
  readonly startedAtMs: number;
  receivedBytes: number;
}

/** Keeps the book of one package's requests under way. It sends nothing and chooses nothing. */
export class BlockRequests {
  /** That are being asked for. Not to be changed. */
  readonly blocks: BlockSet;
  /** A few. Another array after each change: who walks through it may begin and end requests. */
  #all: readonly BlockRequest[] = [];
  readonly #countByPeer = new Map<AgentId, number>();
  #direct = 0;

  constructor(blockCount: number) {
    this.blocks = new BlockSet(blockCount);
  }

  add(request: BlockRequest): void {
    this.#all = [...this.#all, request];
    this.blocks.add(request.block);
    if (request.peer === null) this.#direct++;
    else this.#countByPeer.set(request.peer, (this.#countByPeer.get(request.peer) ?? 0) + 1);
  }

  /** Takes the request out of the book; null where it is not in it. */
  end(commandId: CommandId): BlockRequest | null {
    const request = this.find(commandId);
    if (request === null) return null;
    this.#all = this.#all.filter((other) => other !== request);
    if (this.ofBlock(request.block) === 0) this.blocks.delete(request.block);
    if (request.peer === null) this.#direct--;
    else this.#endOfPeer(request.peer);
    return request;
  }

  get all(): readonly BlockRequest[] {
    return this.#all;
  }

  get size(): number {
    return this.#all.length;
  }

  /** Requests to the Notification Server or a Package Server under way. */
  get directCount(): number {
    return this.#direct;
  }

  /** How many peers are being asked now. */
  get peerCount(): number {
    return this.#countByPeer.size;
  }

  find(commandId: CommandId): BlockRequest | null {
    return this.#all.find((request) => request.commandId === commandId) ?? null;
  }

  ofBlock(block: number): number {
    let count = 0;
    for (const request of this.#all) if (request.block === block) count++;
    return count;
  }

  ofPeer(peer: AgentId): number {
    return this.#countByPeer.get(peer) ?? 0;
  }

  #endOfPeer(peer: AgentId): void {
    const left = this.ofPeer(peer) - 1;
    if (left > 0) this.#countByPeer.set(peer, left);
    else this.#countByPeer.delete(peer);
  }
}
