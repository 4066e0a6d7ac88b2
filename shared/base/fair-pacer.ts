import { TokenBucket } from './token-bucket.ts';

/** Time as a pacer sees it; a parameter so that tests count instead of waiting. */
export interface PacerClock {
  /** Monotonic. */
  nowMs(): number;
  /** Returns how to cancel it. */
  schedule(delayMs: number, run: () => void): () => void;
}

interface Waiting {
  readonly bytes: number;
  readonly grant: () => void;
}

/** Those of one turn, in the order of asking. */
interface Turn {
  readonly name: string;
  readonly waiting: Waiting[];
}

const maximumSliceBytes = 64 * 1024;
const minimumSliceBytes = 2 * 1024;
/** A slice takes this long at the limit: short enough that a changed limit and a new stream are felt at once. */
const sliceSeconds = 0.02;
/** What may pass at once after a pause. Covers a late timer, and is too little to be seen on the link. */
const defaultBurstSeconds = 0.05;
/** A limit of 0 means "not now": looked at again in this time, or when the limit changes. */
const longestWaitMs = 60_000;

/**
 * One limit that streams share, fairly: each asks for one slice at a time, and turns go round. Who asks for less than its
 * part leaves the rest to the others (max-min), because only those wait who want more. Streams of the same turn name, such
 * as the two requests of one peer, share that turn. Knows no sockets.
 */
export class FairPacer {
  readonly #clock: PacerClock;
  readonly #burstSeconds: number;
  readonly #bucket: TokenBucket;
  /** Each with somebody who waits, the next one first. */
  readonly #turns: Turn[] = [];
  #lastAskAtMs = Number.NEGATIVE_INFINITY;
  #isHeadCharged = false;
  #isPumping = false;
  #cancelTimer: (() => void) | null = null;

  /** `bytesPerSecond` Infinity = unlimited, 0 = nothing passes now. */
  constructor(bytesPerSecond: number, clock: PacerClock, burstSeconds = defaultBurstSeconds) {
    this.#clock = clock;
    this.#burstSeconds = burstSeconds;
    this.#bucket = new TokenBucket(bytesPerSecond, this.#burstBytes(bytesPerSecond), clock.nowMs());
  }

  get isUnlimited(): boolean {
    return this.#bucket.bytesPerSecond === Number.POSITIVE_INFINITY;
  }

  /** Whether a stream waits, or asked within that time. */
  wasAskedWithin(spanMs: number): boolean {
    return this.#turns.length > 0 || this.#clock.nowMs() - this.#lastAskAtMs < spanMs;
  }

  /** How much a stream should ask for at a time. */
  get sliceBytes(): number {
    if (this.isUnlimited) return maximumSliceBytes;
    const slice = Math.floor(this.#bucket.bytesPerSecond * sliceSeconds);
    return Math.min(maximumSliceBytes, Math.max(minimumSliceBytes, slice));
  }

  /** Takes effect on streams that are running. */
  setRate(bytesPerSecond: number): void {
    if (bytesPerSecond === this.#bucket.bytesPerSecond) return;
    this.#bucket.setRate(bytesPerSecond, this.#burstBytes(bytesPerSecond), this.#clock.nowMs());
    this.#pump();
  }

  /**
   * Calls `grant` when `bytes` may pass, perhaps at once; returns how to give up waiting. A stream waits for one slice at a
   * time. Without a turn name the stream has a turn of its own.
   */
  ask(bytes: number, grant: () => void, turnName = ''): () => void {
    this.#lastAskAtMs = this.#clock.nowMs();
    const entry: Waiting = { bytes, grant };
    const turn = turnName === '' ? undefined : this.#turns.find(({ name }) => name === turnName);
    if (turn === undefined) this.#turns.push({ name: turnName, waiting: [entry] });
    else turn.waiting.push(entry);
    if (this.#turns.length === 1) this.#pump();
    return () => this.#giveUp(entry);
  }

  /** Counts bytes that have passed without asking: those who wait pay for them. */
  charge(bytes: number): void {
    this.#bucket.take(bytes, this.#clock.nowMs());
  }

  #giveUp(entry: Waiting): void {
    const index = this.#turns.findIndex(({ waiting }) => waiting.includes(entry));
    const turn = this.#turns[index];
    if (turn === undefined) return;
    const isHead = index === 0 && turn.waiting[0] === entry;
    turn.waiting.splice(turn.waiting.indexOf(entry), 1);
    if (turn.waiting.length === 0) this.#turns.splice(index, 1);
    if (isHead && this.#isHeadCharged) {
      // What the bucket was charged for will not be sent.
      this.#bucket.take(-entry.bytes, this.#clock.nowMs());
      this.#isHeadCharged = false;
      this.#pump();
    }
  }

  #pump(): void {
    // A granted stream may ask for its next slice at once: the loop that granted it sees that.
    if (this.#isPumping) return;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#isPumping = true;
    try {
      this.#grantUntilLimit();
    } finally {
      this.#isPumping = false;
    }
  }

  #grantUntilLimit(): void {
    for (let turn = this.#turns[0]; turn !== undefined; turn = this.#turns[0]) {
      const [head] = turn.waiting;
      if (head === undefined) return;
      const waitMs = this.#bucket.take(this.#isHeadCharged ? 0 : head.bytes, this.#clock.nowMs());
      this.#isHeadCharged = true;
      if (waitMs > 0) {
        this.#cancelTimer = this.#clock.schedule(Math.min(longestWaitMs, waitMs), () => this.#pump());
        return;
      }
      this.#turns.shift();
      turn.waiting.shift();
      if (turn.waiting.length > 0) this.#turns.push(turn);
      this.#isHeadCharged = false;
      head.grant();
    }
  }

  #burstBytes(bytesPerSecond: number): number {
    if (bytesPerSecond === Number.POSITIVE_INFINITY) return maximumSliceBytes;
    return Math.max(minimumSliceBytes, Math.floor(bytesPerSecond * this.#burstSeconds));
  }
}
