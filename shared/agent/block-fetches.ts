import type { AgentId } from '../base/ids.ts';
import type { Codebase } from '../contracts/agent-api.ts';
import type { JournalReason } from '../contracts/journal.ts';
import type { AgentContext } from './agent-context.ts';
import type { TransferFailure } from './agent-input.ts';
import type { BlockRequest } from './block-requests.ts';
import { BlockRequests } from './block-requests.ts';
import type { CommandResult } from './pending-commands.ts';
import type { BlockSource, CommandId, PackageManifest } from './ports.ts';

export interface BlockFetchesOwner {
  stored(request: BlockRequest): void;
  /** `codebase` null: the source was a peer. */
  failed(request: BlockRequest, codebase: Codebase | null, failure: TransferFailure): void;
  progressed(): void;
  /** Emergencies are not throttled. */
  isEmergency(): boolean;
}

/** Gives the transfer commands of one package, books them, and counts what arrives. It chooses neither block nor source. */
export class BlockFetches {
  readonly requests: BlockRequests;
  readonly #context: AgentContext;
  readonly #manifest: PackageManifest;
  readonly #owner: BlockFetchesOwner;
  readonly #codebases = new Map<CommandId, Codebase>();
  #finishedDirectBytes = 0;

  constructor(context: AgentContext, manifest: PackageManifest, owner: BlockFetchesOwner) {
    this.#context = context;
    this.#manifest = manifest;
    this.requests = new BlockRequests(manifest.blockCount);
    this.#owner = owner;
  }

  /** Bytes that came over the WAN, those of unfinished and of failed blocks included: it never falls. */
  get directBytes(): number {
    let bytes = this.#finishedDirectBytes;
    for (const request of this.requests.all) if (request.peer === null) bytes += request.receivedBytes;
    return bytes;
  }

  fetchFromPeer(block: number, peer: AgentId, reason: JournalReason): void {
    const endpoint = this.#context.peers.find(peer);
    if (endpoint === null) return;
    const { agentId, address, port } = endpoint;
    const source: BlockSource = { kind: 'peer', peer: { agentId, address, port } };
    const commandId = this.#begin(block, source, reason);
    this.#send(commandId, block, source, this.#context.downloadRates.add(commandId));
  }

  fetchDirectly(block: number, codebase: Codebase, reason: JournalReason): void {
    const source: BlockSource = { kind: 'codebase', codebase };
    const commandId = this.#begin(block, source, reason);
    this.#codebases.set(commandId, codebase);
    const { generalThrottle } = this.#context;
    const rate = this.#owner.isEmergency()
      ? Number.POSITIVE_INFINITY
      : generalThrottle.add(commandId, this.#manifest.key);
    this.#send(commandId, block, source, rate);
  }

  /** The package has become an emergency: what is under way from servers is throttled no longer. */
  releaseThrottle(): void {
    for (const request of this.requests.all) this.#context.generalThrottle.release(request.commandId);
  }

  /** Requests over the WAN end; with `unlessHalfDone` those run on that have half of their block. */
  cancelDirect(unlessHalfDone: boolean): void {
    for (const request of this.requests.all) {
      if (request.peer === null) this.#context.ports.transfers.cancel(request.commandId, unlessHalfDone);
    }
  }

  /** What the peer was asked for at an address that it has left would come from nobody. */
  cancelWherePeerLeft(peer: AgentId): void {
    for (const { commandId, peer: asked, place } of this.requests.all) {
      if (asked !== peer || place === null || !this.#context.peers.hasLeft(peer, place)) continue;
      this.#context.ports.transfers.cancel(commandId, false);
    }
  }

  cancelAll(): void {
    for (const request of this.requests.all) this.#context.ports.transfers.cancel(request.commandId, false);
  }

  #begin(block: number, source: BlockSource, reason: JournalReason): CommandId {
    const commandId = this.#context.commands.begin((result) => this.#receive(result));
    this.requests.add({
      commandId,
      block,
      source: source.kind === 'peer' ? 'peer' : source.codebase.source,
      peer: source.kind === 'peer' ? source.peer.agentId : null,
      place: source.kind === 'peer' ? source.peer : null,
      reason,
      startedAtMs: this.#context.nowMs(),
      receivedBytes: 0,
    });
    return commandId;
  }

  #send(commandId: CommandId, block: number, source: BlockSource, maxBytesPerSecond: number): void {
    this.#context.ports.transfers.fetchBlock({
      commandId,
      key: this.#manifest.key,
      block,
      source,
      maxBytesPerSecond,
      idleTimeoutMs: this.#context.settings.requestTimeoutMs,
    });
  }

  #receive(result: CommandResult): void {
    if (result.kind === 'transferProgressed') {
      const request = this.requests.find(result.commandId);
      if (request !== null) request.receivedBytes = result.receivedBytes;
      this.#owner.progressed();
      return;
    }
    const request = this.requests.end(result.commandId);
    const codebase = this.#codebases.get(result.commandId) ?? null;
    this.#codebases.delete(result.commandId);
    this.#context.downloadRates.remove(result.commandId);
    this.#context.generalThrottle.remove(result.commandId);
    if (request === null) return;
    if (result.kind === 'blockStored') {
      this.#count(request, result.bytes);
      for (const other of this.requests.all) {
        if (other.block === request.block) this.#context.ports.transfers.cancel(other.commandId, false);
      }
      this.#owner.stored(request);
    } else if (result.kind === 'transferFailed') {
      if (request.peer === null) this.#finishedDirectBytes += result.receivedBytes;
      this.#owner.failed(request, codebase, result.failure);
    }
  }

  #count(request: BlockRequest, bytes: number): void {
    const { key } = this.#manifest;
    const context = this.#context;
    context.journal.blockStored(key, request.reason, request.source, request.peer);
    context.outbox.countTransfer(key, request.source, request.reason, request.peer, bytes);
    context.tally.count(key, request.source, request.reason, request.peer, bytes);
    if (request.peer === null) {
      context.totals.directBytesIn += bytes;
      this.#finishedDirectBytes += bytes;
      return;
    }
    context.totals.peerBytesIn += bytes;
    context.peers.record(request.peer).bytesIn += bytes;
    context.peers.ratesIn.add(request.peer, bytes, context.nowMs());
  }
}
