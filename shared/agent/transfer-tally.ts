import type { ClockPort } from '../base/clock.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { JournalReason, SourceKind } from '../contracts/journal.ts';

/** A source that has given nothing for so long has to begin anew: it is no longer "from there since 10:42". */
const runEndsAfterMs = 60_000;

/** Blocks that came from one kind of source for one reason without a long pause. */
export interface TransferRun {
  readonly source: SourceKind;
  readonly reason: JournalReason;
  /** Wall-clock time of the first block. */
  readonly sinceMs: number;
  readonly lastBlockAtMs: number;
  /** Who sent the newest block; null for servers. */
  readonly lastPeer: AgentId | null;
}

interface Portion {
  readonly source: SourceKind;
  readonly reason: JournalReason;
  bytes: number;
  blocks: number;
  sinceMs: number;
  lastBlockAtMs: number;
  lastPeer: AgentId | null;
}

/** Where the bytes of each package came from and why, in this life of the agent. Bounded by the closed lists of both. */
export class TransferTally {
  readonly #clock: ClockPort;
  readonly #byKey = new Map<PackageKey, Portion[]>();

  constructor(clock: ClockPort) {
    this.#clock = clock;
  }

  count(key: PackageKey, source: SourceKind, reason: JournalReason, peer: AgentId | null, bytes: number): void {
    const nowMs = this.#clock.nowMs();
    const portion = this.#portionOf(key, source, reason);
    if (portion.blocks === 0 || nowMs - portion.lastBlockAtMs > runEndsAfterMs) {
      portion.sinceMs = this.#clock.wallTimeMs();
    }
    portion.bytes += bytes;
    portion.blocks++;
    portion.lastBlockAtMs = nowMs;
    portion.lastPeer = peer;
  }

  ofKey(key: PackageKey): { source: SourceKind; reason: JournalReason; bytes: number; blocks: number }[] {
    return this.#portions(key).map(({ source, reason, bytes, blocks }) => ({ source, reason, bytes, blocks }));
  }

  /** What still goes on; newest block first. */
  runsOf(key: PackageKey): TransferRun[] {
    const nowMs = this.#clock.nowMs();
    return this.#portions(key)
      .filter(({ lastBlockAtMs }) => nowMs - lastBlockAtMs <= runEndsAfterMs)
      .map(({ source, reason, sinceMs, lastBlockAtMs, lastPeer }) => ({
        source,
        reason,
        sinceMs,
        lastBlockAtMs,
        lastPeer,
      }))
      .sort((a, b) => b.lastBlockAtMs - a.lastBlockAtMs);
  }

  forget(key: PackageKey): void {
    this.#byKey.delete(key);
  }

  #portions(key: PackageKey): readonly Portion[] {
    return this.#byKey.get(key) ?? [];
  }

  #portionOf(key: PackageKey, source: SourceKind, reason: JournalReason): Portion {
    const portions = this.#byKey.get(key) ?? [];
    if (portions.length === 0) this.#byKey.set(key, portions);
    const known = portions.find((portion) => portion.source === source && portion.reason === reason);
    if (known !== undefined) return known;
    const made: Portion = { source, reason, bytes: 0, blocks: 0, sinceMs: 0, lastBlockAtMs: 0, lastPeer: null };
    portions.push(made);
    return made;
  }
}
