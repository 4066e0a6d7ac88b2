import type { BlockSet } from '../base/block-set.ts';
import type { AgentId } from '../base/ids.ts';
import type { BlockRequests } from './block-requests.ts';
import type { Swarm } from './swarm.ts';

/** What is missing here, and whether peers can give it. A view: it holds no state of its own. */
export class MissingBlocks {
  readonly #blocks: BlockSet;
  readonly #swarm: Swarm;
  readonly #requests: BlockRequests;
  readonly #areAttemptsUsedUp: () => boolean;

  constructor(blocks: BlockSet, swarm: Swarm, requests: BlockRequests, areAttemptsUsedUp: () => boolean) {
    this.#blocks = blocks;
    this.#swarm = swarm;
    this.#requests = requests;
    this.#areAttemptsUsedUp = areAttemptsUsedUp;
  }

  /** Missing blocks that nobody is being asked for, in ascending order. */
  *unrequested(): Generator<number> {
    for (const block of this.#blocks.missing()) if (this.#requests.ofBlock(block) === 0) yield block;
  }

  /**
   * Those of them that have to cross the WAN through lane `index` of `count`. The first `lastCount` come last: after a
   * take-over they may be under way to the previous claimer, which passes them on if it is alive after all.
   */
  *ofLane(index: number, count: number, lastCount: number): Generator<number> {
    const last: number[] = [];
    for (const block of this.unrequested()) {
      if (block % count !== index || this.#isObtainableFromPeers(block)) continue;
      if (last.length < lastCount) last.push(block);
      else yield block;
    }
    yield* last;
  }

  /** A block is missing that no live peer can give. */
  needWan(): boolean {
    return this.#areAttemptsUsedUp() ? !this.#blocks.isFull : !this.#blocks.isFullWith(this.#swarm.held);
  }

  /** Nothing is missing here that the peer is known to hold. */
  areNoneAt(peer: AgentId): boolean {
    const theirs = this.#swarm.blocksOf(peer);
    return theirs === null || this.#blocks.containsAll(theirs);
  }

  #isObtainableFromPeers(block: number): boolean {
    return this.#swarm.holdersOf(block) > 0 && !this.#areAttemptsUsedUp();
  }
}
