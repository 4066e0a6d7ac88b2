import type { BlockSet } from '../base/block-set.ts';
import type { AgentId } from '../base/ids.ts';
import type { RandomPort } from '../base/prng.ts';
import type { BlockRequests } from './block-requests.ts';
import type { Swarm } from './swarm.ts';

/** What is missing here, and whether peers can give it. A view: it holds no state of its own. */
export class MissingBlocks {
  readonly #blocks: BlockSet;
  readonly #swarm: Swarm;
  readonly #requests: BlockRequests;
  readonly #areAttemptsUsedUp: () => boolean;
  readonly #first: ReadonlySet<number>;

  /** `first`: those of them that come before all others, in their order. */
  constructor(
    blocks: BlockSet,
    swarm: Swarm,
    requests: BlockRequests,
    areAttemptsUsedUp: () => boolean,
    first: ReadonlySet<number>,
  ) {
    this.#blocks = blocks;
    this.#swarm = swarm;
    this.#requests = requests;
    this.#areAttemptsUsedUp = areAttemptsUsedUp;
    this.#first = first;
  }

  /** Missing blocks that nobody is being asked for, those that somebody waits for first, then in ascending order. */
  *unrequested(): Generator<number> {
    for (const block of this.#first) {
      if (!this.#blocks.has(block) && this.#requests.ofBlock(block) === 0) yield block;
    }
    for (const block of this.#blocks.missing()) {
      if (this.#requests.ofBlock(block) === 0 && !this.#first.has(block)) yield block;
    }
  }

  /**
   * What to ask a Package Server of the own site for: what no peer holds, by chance, so that the computers of the site take
   * different ones and pass them on; in a crowd only what it is this agent's turn for. Where no peer holds less than all and
   * none is being asked, whatever is missing.
   */
  ofSite(random: RandomPort, isOwnTurn: (block: number) => boolean): readonly number[] {
    const requested = this.#requests.blocks;
    const counted = this.#areAttemptsUsedUp() ? requested : this.#swarm.held;
    const unheld = this.#blocks.missingWith(requested, counted);
    const isIdle = unheld.length === 0 && this.#requests.peerCount === 0;
    const wanted = isIdle ? this.#blocks.missingWith(requested, requested) : unheld;
    return shuffled(wanted.filter(isOwnTurn), random);
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
    return !this.#swarm.holdsOther(peer, this.#blocks);
  }

  #isObtainableFromPeers(block: number): boolean {
    return this.#swarm.holdersOf(block) > 0 && !this.#areAttemptsUsedUp();
  }
}

function shuffled(blocks: readonly number[], random: RandomPort): number[] {
  const mixed = [...blocks];
  for (let left = mixed.length; left > 1; left--) {
    const chosen = random.below(left);
    const last = mixed[left - 1];
    const other = mixed[chosen];
    if (last === undefined || other === undefined) break;
    mixed[left - 1] = other;
    mixed[chosen] = last;
  }
  return mixed;
}
