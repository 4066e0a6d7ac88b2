import type { ClockPort } from '../base/clock.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import { formatIpv4 } from '../base/ipv4.ts';
import type { JournalEntry, JournalReason, SourceKind } from '../contracts/journal.ts';
import { journalSentence } from './journal-sentences.ts';
import type { PeerTable } from './peer-table.ts';
import type { PersistencePort } from './ports.ts';

/** How many entries stay at hand for the diagnostics page; the adapter keeps as many as the policy says. */
const entriesAtHand = 200;
/** Blocks of one choice are one entry, told at the latest after this time. */
const gatherMs = 2000;

interface OpenRun {
  readonly key: PackageKey;
  readonly source: SourceKind;
  readonly peer: AgentId | null;
  readonly reason: JournalReason;
  readonly startedAtMs: number;
  blocks: number;
}

/** "Which source, why" for every block, as entries that people can read: runs of blocks from one source for one reason. */
export class DecisionJournal {
  readonly #clock: ClockPort;
  readonly #persistence: PersistencePort;
  readonly #peers: PeerTable;
  readonly #entries: JournalEntry[] = [];
  readonly #latestOfKey = new Map<PackageKey, JournalEntry>();
  readonly #runs = new Map<string, OpenRun>();
  #nextSequence: number;
  #keepEntries = 2000;

  constructor(clock: ClockPort, persistence: PersistencePort, peers: PeerTable, firstSequence: number) {
    this.#clock = clock;
    this.#persistence = persistence;
    this.#peers = peers;
    this.#nextSequence = firstSequence;
  }

  setKeepEntries(keepEntries: number): void {
    this.#keepEntries = keepEntries;
  }

  /** A decision about the package as a whole, written at once; `sentence` where it depends on more than the reason. */
  decide(
    key: PackageKey,
    reason: JournalReason,
    source: SourceKind | null,
    peer: AgentId | null,
    sentence: string | null = null,
  ): void {
    this.flush(Number.POSITIVE_INFINITY);
    this.#write(key, reason, source, peer, 0, sentence);
  }

  /** A verified block; entries of the same source and reason are drawn together. */
  blockStored(key: PackageKey, reason: JournalReason, source: SourceKind, peer: AgentId | null): void {
    const runKey = `${key}${source}${peer ?? ''}${reason}`;
    const run = this.#runs.get(runKey);
    if (run === undefined) {
      this.#runs.set(runKey, { key, source, peer, reason, startedAtMs: this.#clock.nowMs(), blocks: 1 });
    } else run.blocks++;
    this.flush(gatherMs);
  }

  /** Writes the runs that are older than `olderThanMs`; Infinity writes all. */
  flush(olderThanMs: number): void {
    const nowMs = this.#clock.nowMs();
    for (const [runKey, run] of this.#runs) {
      if (olderThanMs !== Number.POSITIVE_INFINITY && nowMs - run.startedAtMs < olderThanMs) continue;
      this.#runs.delete(runKey);
      this.#write(run.key, run.reason, run.source, run.peer, run.blocks, null);
    }
  }

  /** Newest last. */
  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  latestOf(key: PackageKey): JournalEntry | null {
    return this.#latestOfKey.get(key) ?? null;
  }

  forget(key: PackageKey): void {
    this.#latestOfKey.delete(key);
  }

  #write(
    key: PackageKey,
    reason: JournalReason,
    source: SourceKind | null,
    peer: AgentId | null,
    blocks: number,
    sentence: string | null,
  ): void {
    const presence = peer === null ? null : this.#peers.find(peer);
    const subject = { reason, source, blocks, peerName: presence?.name ?? '', peerAddress: presence?.address ?? null };
    const entry: JournalEntry = {
      sequence: this.#nextSequence++,
      atMs: this.#clock.wallTimeMs(),
      key,
      blocks,
      source:
        source === null
          ? null
          : { kind: source, agentId: peer, address: presence === null ? '' : formatIpv4(presence.address) },
      reason,
      sentence: sentence ?? journalSentence(subject),
    };
    this.#entries.push(entry);
    if (this.#entries.length > entriesAtHand) this.#entries.shift();
    this.#latestOfKey.set(key, entry);
    this.#persistence.appendJournal(entry, this.#keepEntries);
  }
}
