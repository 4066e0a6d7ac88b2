import { BlockSet } from '../base/block-set.ts';
import type { AgentId } from '../base/ids.ts';
import type { JournalReason, SourceKind } from '../contracts/journal.ts';
import type { CommandId } from './ports.ts';

export interface BlockRequest {
  readonly commandId: CommandId;
  readonly block: number;
  readonly source: SourceKind;
  /** The peer asked; null for a codebase. */
  readonly peer: AgentId | null;
  readonly reason: JournalReason;
  readonly startedAtMs: number;
  receivedBytes: number;
}

const noRequests: readonly BlockRequest[] = [];

/** Keeps the book of one package's requests under way. It sends nothing and chooses nothing. */
export class BlockRequests {
  /** That are being asked for. Not to be changed. */
  readonly blocks: BlockSet;
  readonly #byCommand = new Map<CommandId, BlockRequest>();
  readonly #countByBlock = new Map<number, number>();
  readonly #countByPeer = new Map<AgentId, number>();
  #direct = 0;

  constructor(blockCount: number) {
    this.blocks = new BlockSet(blockCount);
  }

  add(request: BlockRequest): void {
    this.#byCommand.set(request.commandId, request);
    this.blocks.add(request.block);
    this.#countByBlock.set(request.block, (this.#countByBlock.get(request.block) ?? 0) + 1);
    if (request.peer === null) this.#direct++;
    else this.#countByPeer.set(request.peer, (this.#countByPeer.get(request.peer) ?? 0) + 1);
  }

  /** Takes the request out of the book; null where it is not in it. */
  end(commandId: CommandId): BlockRequest | null {
    const request = this.#byCommand.get(commandId);
    if (request === undefined) return null;
    this.#byCommand.delete(commandId);
    decrement(this.#countByBlock, request.block);
    if (this.ofBlock(request.block) === 0) this.blocks.delete(request.block);
    if (request.peer === null) this.#direct--;
    else decrement(this.#countByPeer, request.peer);
    return request;
  }

  get all(): readonly BlockRequest[] {
    // Asked for at every turn, and mostly of a few or none.
    return this.#byCommand.size === 0 ? noRequests : [...this.#byCommand.values()];
  }

  get size(): number {
    return this.#byCommand.size;
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
    return this.#byCommand.get(commandId) ?? null;
  }

  ofBlock(block: number): number {
    return this.#countByBlock.get(block) ?? 0;
  }

  ofPeer(peer: AgentId): number {
    return this.#countByPeer.get(peer) ?? 0;
  }
}

function decrement<Key>(counts: Map<Key, number>, key: Key): void {
  const count = (counts.get(key) ?? 0) - 1;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
