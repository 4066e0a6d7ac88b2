import type { AgentId } from '../base/ids.ts';
import type { JournalReason } from '../contracts/journal.ts';
import type { AgentContext } from './agent-context.ts';
import type { TransferFailure } from './agent-input.ts';
import type { BlockRequest, BlockRequests } from './block-requests.ts';
import type { PeerSources } from './peer-sources.ts';
import type { PackageManifest } from './ports.ts';
import type { Swarm } from './swarm.ts';

/** A crowd of refusals is one thing to say. */
const journalSpacingMs = 10_000;
/**
 * So long a computer that installs something is waited for, because what it holds would cross the WAN a second time otherwise:
 * most installations are over by then. Then it counts as no holder, for `setAsideMs` at a time.
 */
const patienceWhileInstallingMs = 300_000;
/** For an emergency. */
const urgentPatienceMs = 30_000;
const setAsideMs = 30_000;

export interface PeerFailuresOwner {
  /** The peer sent something else than what it should: its word on this package counts no longer. */
  distrusted(peer: AgentId): void;
  /** The package is not to wait long for anybody. */
  isUrgent(): boolean;
  /** The peer failed as if it were gone. */
  suspect(peer: AgentId): void;
}

/** What a failed request says of the peer that was asked, and of others: noted in the books, and told to people. */
export class PeerFailures {
  readonly #context: AgentContext;
  readonly #manifest: PackageManifest;
  readonly #swarm: Swarm;
  readonly #requests: BlockRequests;
  readonly #sources: PeerSources;
  readonly #owner: PeerFailuresOwner;
  readonly #journalledAtMs = new Map<JournalReason, number>();

  constructor(
    context: AgentContext,
    manifest: PackageManifest,
    books: { readonly swarm: Swarm; readonly requests: BlockRequests; readonly sources: PeerSources },
    owner: PeerFailuresOwner,
  ) {
    this.#context = context;
    this.#manifest = manifest;
    this.#swarm = books.swarm;
    this.#requests = books.requests;
    this.#sources = books.sources;
    this.#owner = owner;
  }

  noteFailed(request: BlockRequest, peer: AgentId, failure: TransferFailure, nowMs: number): void {
    switch (failure.code) {
      case 'busy':
        this.#refused(peer, 'peers-busy', nowMs);
        this.#sources.noteBusy(peer, failure.retryAfterMs, nowMs);
        this.#takeLeads(failure.others, request.block, nowMs);
        return;
      case 'block-busy':
        this.#refused(peer, 'peers-busy', nowMs);
        this.#sources.noteBlockBusy(peer, request.block, failure.retryAfterMs, nowMs);
        this.#takeLeads(failure.others, request.block, nowMs);
        return;
      case 'installing':
        this.#noteInstalling(peer, failure.retryAfterMs, nowMs);
        this.#takeLeads(failure.others, request.block, nowMs);
        return;
      case 'not-serving':
        this.#noteNotServing(peer, failure.retryAfterMs, nowMs);
        this.#takeLeads(failure.others, request.block, nowMs);
        return;
      case 'not-available':
        this.#swarm.removeBlock(peer, request.block);
        return;
      case 'timeout':
        if (this.#hasLeft(request, peer)) return;
        this.#refused(peer, 'peer-timeout', nowMs);
        if (this.#sources.noteTimeout(request, peer, nowMs)) this.#swarm.forgetMap(peer);
        this.#owner.suspect(peer);
        return;
      case 'refused':
        if (this.#hasLeft(request, peer)) return;
        this.#refused(peer, 'peer-refused', nowMs);
        this.#sources.noteFailure(peer, nowMs);
        this.#owner.suspect(peer);
        return;
      case 'identity-mismatch':
        this.#context.peers.record(peer).refusals++;
        this.#drop(peer, 'peer-identity-mismatch');
        return;
      case 'hash-mismatch':
        this.#noteBadBlock(peer, request.block);
        return;
      default:
        return;
    }
  }

  /** That nobody answers where it was says nothing about it. */
  #hasLeft({ place }: BlockRequest, peer: AgentId): boolean {
    return place !== null && this.#context.peers.hasLeft(peer, place);
  }

  #refused(peer: AgentId, reason: JournalReason, nowMs: number): void {
    this.#context.peers.record(peer).refusals++;
    if (nowMs - (this.#journalledAtMs.get(reason) ?? Number.NEGATIVE_INFINITY) < journalSpacingMs) return;
    this.#journalledAtMs.set(reason, nowMs);
    this.#context.journal.decide(this.#manifest.key, reason, 'peer', peer);
  }

  /** What it holds need not cross the WAN again: an installation ends. Not for ever, and an emergency does not wait long. */
  #noteInstalling(peer: AgentId, retryAfterMs: number, nowMs: number): void {
    const patienceMs = this.#owner.isUrgent() ? urgentPatienceMs : patienceWhileInstallingMs;
    if (this.#sources.noteInstalling(peer, retryAfterMs, nowMs, patienceMs)) {
      this.#refused(peer, 'peer-installing', nowMs);
    } else this.#noteNotServing(peer, setAsideMs, nowMs);
  }

  #noteNotServing(peer: AgentId, retryAfterMs: number, nowMs: number): void {
    this.#refused(peer, 'peer-not-serving', nowMs);
    this.#sources.noteNotServing(peer, retryAfterMs, nowMs);
    this.#swarm.forgetMap(peer);
  }

  #takeLeads(others: readonly { readonly agentId: AgentId }[], block: number, nowMs: number): void {
    for (const { agentId } of others) {
      const isOfUse = this.#context.peers.isAlive(agentId) && !this.#sources.isIgnored(agentId, nowMs);
      if (isOfUse) this.#swarm.addLead(agentId, block);
    }
  }

  #noteBadBlock(peer: AgentId, block: number): void {
    const isBanned = this.#context.peers.noteBadBlock(peer);
    this.#drop(peer, 'hash-mismatch');
    this.#context.outbox.add({ kind: 'bad-block', key: this.#manifest.key, block, peer, isBanned });
  }

  #drop(peer: AgentId, reason: JournalReason): void {
    this.#sources.drop(peer);
    this.#swarm.distrust(peer);
    this.#context.journal.decide(this.#manifest.key, reason, 'peer', peer);
    // Whatever else it was asked for would be no better.
    for (const request of this.#requests.all) {
      if (request.peer === peer) this.#context.ports.transfers.cancel(request.commandId, false);
    }
    this.#owner.distrusted(peer);
  }
}
