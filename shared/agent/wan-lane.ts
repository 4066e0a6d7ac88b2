import type { BlockSet } from '../base/block-set.ts';
import type { AgentContext } from './agent-context.ts';
import type { BlockRequests } from './block-requests.ts';
import type { Claim } from './claim.ts';
import { claimTimes } from './claim-times.ts';
import { LaneWindow, laneWindowBlocks, unspreadBlocks } from './lane-window.ts';
import type { MissingBlocks } from './missing-blocks.ts';
import type { ServerSources } from './server-sources.ts';
import type { Swarm } from './swarm.ts';

/** Lanes of others that bring nothing for this long, or for two block times of the own lane, are given up. */
const laneStuckMs = 5000;
/** A block that crosses the WAN in less than so many times of a copy to a peer waits for the copies. */
const fastWanFactor = 3;

/** A block that takes longer than this – 800 kbit/s – makes one wonder whether others are faster … */
const slowBlockMs = 20_000;
/** … and so many claimers find out. */
const handOverEpochs = 2;

export interface WanLaneParts {
  readonly blocks: BlockSet;
  readonly swarm: Swarm;
  readonly claim: Claim;
  readonly requests: BlockRequests;
  readonly missing: MissingBlocks;
  readonly servers: ServerSources;
  /** A copy of a block is on its way to a peer. */
  isGiving(): boolean;
}

/** What this agent takes over the WAN for the others while a claim makes it a lane: how much ahead of them, and which blocks. */
export class WanLane {
  readonly #context: AgentContext;
  readonly #parts: WanLaneParts;
  readonly #window = new LaneWindow();
  #blockAtMs: number;
  #hasGivenUpLanes = false;
  #lagUntilMs: number | null = null;

  constructor(context: AgentContext, parts: WanLaneParts) {
    this.#context = context;
    this.#parts = parts;
    this.#blockAtMs = context.nowMs();
  }

  /** The claimer of several lanes does the rest alone: those of others bring nothing. */
  get hasGivenUpLanes(): boolean {
    return this.#hasGivenUpLanes;
  }

  /** No further block may be fetched before another computer has verified one of those that only this one has. */
  isWindowFull(nowMs: number): boolean {
    const { blocks, swarm, claim, requests } = this.#parts;
    if (this.#isUnbound || claim.wanLane(nowMs) === null || swarm.followerCount === 0) return false;
    return unspreadBlocks(blocks, swarm) + requests.directCount >= laneWindowBlocks(blocks.size);
  }

  /**
   * What others verify decides how fast blocks cross the WAN: the window is full of blocks that only this agent has, or
   * would be while it sends a second copy of any.
   *
   * @param copyMs what a copy to a peer takes now
   */
  isWaitingForCopies(nowMs: number, copyMs: number): boolean {
    const { blocks, swarm, claim, servers } = this.#parts;
    if (this.#isUnbound || claim.wanLane(nowMs) === null || claim.isAlone || swarm.followerCount === 0) return false;
    if (servers.lastBlockMs > 0 && servers.lastBlockMs < fastWanFactor * copyMs) return true;
    return this.isWindowFull(nowMs) && unspreadBlocks(blocks, swarm) > 0;
  }

  /**
   * The first block took so long that another computer may have the better way to the server: the first claims of a package
   * go round, at a moment when nothing is under way and so nothing is lost. Where all are slow, the last of them keeps it.
   */
  mayOthersBeFaster(): boolean {
    const { claim, requests } = this.#parts;
    return (
      !this.#isUnbound &&
      claim.role === 'first-downloader' &&
      (claim.current?.epoch ?? 0) <= handOverEpochs &&
      this.#parts.servers.lastBlockMs > slowBlockMs &&
      requests.directCount === 0 &&
      this.#context.generalThrottle.bytesPerSecond === Number.POSITIVE_INFINITY
    );
  }

  /** Time has passed in which nothing was asked for: nobody is to blame for that. */
  rest(): void {
    this.#blockAtMs = this.#context.nowMs();
  }

  noteFollowerFetched(nowMs: number): void {
    this.#window.noteFollowerFetched(nowMs);
  }

  /** A block has come, from wherever. */
  noteStored(nowMs: number): void {
    this.#blockAtMs = nowMs;
  }

  /** Requests what may be requested; returns when to look again. */
  step(nowMs: number): number {
    const { blocks, swarm, claim, requests, missing } = this.#parts;
    const lane = claim.wanLane(nowMs);
    if (lane === null) return Number.POSITIVE_INFINITY;
    if (this.#mustWaitForWords(nowMs)) return nowMs + claimTimes.turnMs;
    const liftAfterMs = this.#context.settings.requestTimeoutMs;
    // Nobody waits for what is fetched alone.
    const room =
      claim.isAlone || this.#isUnbound
        ? Number.POSITIVE_INFINITY
        : this.#window.room({
            nowMs,
            blockCount: blocks.size,
            followers: swarm.followerCount,
            unspread: unspreadBlocks(blocks, swarm),
            inFlight: requests.directCount,
            liftAfterMs,
            isGiving: this.#parts.isGiving,
          });
    const lastCount = claim.hasTakenOver ? laneWindowBlocks(blocks.size) : 0;
    const nextMs = this.#parts.servers.request(nowMs, missing.ofLane(lane.index, lane.count, lastCount), room);
    const liftsAtMs = this.#window.liftsAtMs(liftAfterMs);
    return Math.min(nextMs, liftsAtMs > nowMs ? liftsAtMs : Number.POSITIVE_INFINITY, this.#watchLanes(nowMs, lane));
  }

  /** A Package Server fetches for more than its subnet, and keeps what it has over a death of its process. */
  get #isUnbound(): boolean {
    return this.#context.packageServer !== null;
  }

  /** This computer is behind: a higher claim may be here already, and not read. Once blocks come, that is settled. */
  #mustWaitForWords(nowMs: number): boolean {
    const isFirst = this.#parts.servers.lastBlockMs === 0 && this.#parts.requests.directCount === 0;
    if (!isFirst || !this.#context.timers.isLagging) return false;
    this.#lagUntilMs ??= nowMs + claimTimes.longestLagMs;
    return nowMs < this.#lagUntilMs;
  }

  /** A claimer whose own lane is done takes over the blocks of lanes that bring nothing; returns when to look again. */
  #watchLanes(nowMs: number, lane: { readonly index: number; readonly count: number }): number {
    const { claim, requests, missing } = this.#parts;
    if (lane.count === 1 || claim.role !== 'first-downloader' || requests.directCount > 0) {
      return Number.POSITIVE_INFINITY;
    }
    const isOwnLaneDone = missing.ofLane(lane.index, lane.count, 0).next().done === true;
    if (!isOwnLaneDone || !missing.needWan()) return Number.POSITIVE_INFINITY;
    const giveUpAtMs = this.#blockAtMs + Math.max(laneStuckMs, 2 * this.#parts.servers.lastBlockMs);
    this.#hasGivenUpLanes = nowMs >= giveUpAtMs;
    return giveUpAtMs;
  }
}
