import type { ClockPort } from '../base/clock.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Ipv4 } from '../base/ipv4.ts';
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

/** What an entry says. Its words are put together when somebody reads it: hundreds are kept for who looks at one computer in a thousand. */
interface Decision {
  readonly sequence: number;
  /** Wall clock. */
  readonly atMs: number;
  readonly key: PackageKey;
  readonly reason: JournalReason;
  readonly source: SourceKind | null;
  readonly peer: AgentId | null;
  /** As the peer was known then. */
  readonly peerName: string;
  readonly peerAddress: Ipv4 | null;
  readonly blocks: number;
  /** Null: what the reason says. */
  readonly sentence: string | null;
}

/** "Which source, why" for every block, as entries that people can read: runs of blocks from one source for one reason. */
export class DecisionJournal {
  readonly #clock: ClockPort;
  readonly #persistence: PersistencePort;
  readonly #peers: PeerTable;
  readonly #decisions: Decision[] = [];
  readonly #latestOfKey = new Map<PackageKey, Decision>();
  /** Oldest first. Few are open at a time. */
  readonly #runs: OpenRun[] = [];
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
    this.flush(0);
    this.#write(key, reason, source, peer, 0, sentence);
  }

  /** A verified block; entries of the same source and reason are drawn together. */
  blockStored(key: PackageKey, reason: JournalReason, source: SourceKind, peer: AgentId | null): void {
    const run = this.#runs.find(
      (open) => open.peer === peer && open.source === source && open.reason === reason && open.key === key,
    );
    if (run === undefined) {
      this.#runs.push({ key, source, peer, reason, startedAtMs: this.#clock.nowMs(), blocks: 1 });
    } else run.blocks++;
    this.flush(gatherMs);
  }

  /** Writes the runs that began so long ago; 0 writes all. */
  flush(agoMs: number): void {
    const nowMs = this.#clock.nowMs();
    let ended = 0;
    while (nowMs - (this.#runs[ended]?.startedAtMs ?? Number.POSITIVE_INFINITY) >= agoMs) ended++;
    if (ended === 0) return;
    for (const { key, reason, source, peer, blocks } of this.#runs.splice(0, ended)) {
      this.#write(key, reason, source, peer, blocks, null);
    }
  }

  /** Newest last. */
  get entries(): readonly JournalEntry[] {
    return this.#decisions.map(entryOf);
  }

  latestOf(key: PackageKey): JournalEntry | null {
    const latest = this.#latestOfKey.get(key);
    return latest === undefined ? null : entryOf(latest);
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
    const decision: Decision = {
      sequence: this.#nextSequence++,
      atMs: this.#clock.wallTimeMs(),
      key,
      reason,
      source,
      peer,
      peerName: presence?.name ?? '',
      peerAddress: presence?.address ?? null,
      blocks,
      sentence,
    };
    this.#decisions.push(decision);
    if (this.#decisions.length > entriesAtHand) this.#decisions.shift();
    this.#latestOfKey.set(key, decision);
    this.#persistence.appendJournal(entryOf(decision), this.#keepEntries);
  }
}

function entryOf(decision: Decision): JournalEntry {
  const { sequence, atMs, key, blocks, source, peer, peerAddress, reason } = decision;
  const address = peerAddress === null ? '' : formatIpv4(peerAddress);
  return {
    sequence,
    atMs,
    key,
    blocks,
    source: source === null ? null : { kind: source, agentId: peer, address },
    reason,
    sentence: decision.sentence ?? journalSentence(decision),
  };
}
