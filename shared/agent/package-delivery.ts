import { doublingBackoffMs } from '../base/back-off.ts';
import { BlockSet } from '../base/block-set.ts';
import { hrwWeight } from '../base/hrw.ts';
import type { AgentId, PackageGuid, PackageKey } from '../base/ids.ts';
import { BLOCK_SIZE_BYTES, blockCountOf } from '../base/units.ts';
import type { DeliveryPriority, PackageState } from '../contracts/package-state.ts';
import type { AgentContext } from './agent-context.ts';
import type { DatagramMessage } from './datagram-message.ts';
import type { Admission } from './download-admission.ts';
import { journalSentence } from './journal-sentences.ts';
import { PackageDownload } from './package-download.ts';
import type { CommandResult } from './pending-commands.ts';
import type { PackageManifest, PeerEndpoint } from './ports.ts';
import { blocksMessage } from './progress-notices.ts';
import { Swarm } from './swarm.ts';
import type { TimerId } from './timers.ts';

const firstRetryMs = 5000;
const lastRetryMs = 300_000;
const diskRetryMs = 60_000;
/** Between two looks whether a full disk has room. */
const roomRetryMs = 10_000;
/** Holders that answer a want: the first by HRW, so that 200 of them do not answer one newcomer. */
const answeringHolders = 8;
/** Other holders named in a 503. */
const namedHolders = 5;

/** Why a package that is assigned does not download now. */
export type HoldReason = Exclude<Admission, 'run' | 'waiting'>;

export interface PackageSubject {
  readonly key: PackageKey;
  readonly guid: PackageGuid;
  readonly version: string;
  readonly name: string;
  readonly priority: DeliveryPriority;
  readonly totalSizeBytes: number;
}

export interface PackageDeliveryOwner {
  /** The announced or local state changed. */
  stateChanged(delivery: PackageDelivery): void;
  /** A place among the concurrent packages is free. */
  ended(delivery: PackageDelivery): void;
  /** Room for what is missing; `done` gets null, or in a sentence why there is none. */
  makeRoom(delivery: PackageDelivery, done: (problem: string | null) => void): void;
}

/**
 * One package on this agent from assignment to `ready` and beyond: fetches the snapshot, opens the store, runs the
 * download, puts the files in place, and knows what others may be told and served.
 */
export class PackageDelivery {
  #subject: PackageSubject;
  readonly #context: AgentContext;
  readonly #owner: PackageDeliveryOwner;
  #state: PackageState = 'queued';
  #detail = '';
  #manifest: PackageManifest | null = null;
  #blocks: BlockSet | null = null;
  #swarm: Swarm | null = null;
  #download: PackageDownload | null = null;
  #retryTimer: TimerId | null = null;
  #retries = 0;
  #isPreparing = false;
  #hadBlocksBefore = false;
  #held: HoldReason | null = null;
  /** Started, and asks for nothing until it is told to go on. */
  #isResting = false;
  #isWaitingForRoom = false;
  #isRetired = false;
  /** A room that was asked for in an earlier run is not this run's. */
  #runs = 0;

  constructor(context: AgentContext, subject: PackageSubject, owner: PackageDeliveryOwner) {
    this.#context = context;
    this.#subject = subject;
    this.#owner = owner;
  }

  get subject(): PackageSubject {
    return this.#subject;
  }

  /** The delivery's priority as the configuration has it now; a store does not keep it. */
  setPriority(priority: DeliveryPriority): void {
    this.#subject = { ...this.#subject, priority };
    if (this.#download !== null) this.#download.priority = priority;
  }

  get state(): PackageState {
    return this.#state;
  }

  /** For `failed`: what went wrong, for people. */
  get detail(): string {
    return this.#detail;
  }

  get manifest(): PackageManifest | null {
    return this.#manifest;
  }

  get blocks(): BlockSet | null {
    return this.#blocks;
  }

  get blockCount(): number {
    return this.#manifest?.blockCount ?? blockCountOf(this.subject.totalSizeBytes, BLOCK_SIZE_BYTES);
  }

  get swarm(): Swarm | null {
    return this.#swarm;
  }

  get download(): PackageDownload | null {
    return this.#download;
  }

  /** Of the content, on the disk. */
  get heldBytes(): number {
    const held = (this.#blocks?.count ?? 0) * (this.#manifest?.blockSizeBytes ?? 0);
    return Math.min(held, this.subject.totalSizeBytes);
  }

  get missingBytes(): number {
    return this.subject.totalSizeBytes - this.heldBytes;
  }

  get takesRoom(): boolean {
    return this.#manifest !== null && !this.#isRetired && this.#state !== 'withdrawn';
  }

  /** Takes over what the store held at start. */
  restore(manifest: PackageManifest, blocks: BlockSet, isFinished: boolean): void {
    this.#takeManifest(manifest);
    this.#blocks = blocks;
    this.#hadBlocksBefore = blocks.count > 0;
    if (isFinished) this.#state = 'ready';
  }

  get wantsToRun(): boolean {
    return this.#state === 'queued' && !this.#isPreparing && this.#retryTimer === null;
  }

  /** Occupies a place among the concurrent packages. */
  get isRunning(): boolean {
    return this.#isPreparing || (this.#download !== null && !this.#isResting);
  }

  /** Runs, and nothing tells it to rest once it is prepared. */
  get isAdmitted(): boolean {
    return this.isRunning && !this.#isResting;
  }

  /** Every block is here: only the files have to be put in place. */
  get isFinishing(): boolean {
    return this.#isPreparing && this.#blocks?.isFull === true;
  }

  /** For people: why nothing goes on; null where nothing holds it. */
  get heldSentence(): string | null {
    if (this.#held === null) return null;
    if (this.#held === 'blockout') return this.#context.calendar.blockoutSentence;
    return journalSentence({ reason: this.#held, source: null, blocks: 0, peerName: '', peerAddress: null });
  }

  /** Nothing new is asked for until `run`; a blockout ends what is under way, too. */
  hold(reason: HoldReason): void {
    if (this.#held === reason) return;
    this.#held = reason;
    this.#isResting = true;
    this.#context.journal.decide(this.#subject.key, reason, null, null, this.heldSentence);
    this.#download?.suspend(reason === 'blockout');
    if (this.#state === 'downloading') this.#setState('queued', '');
  }

  /** Nothing holds it any longer, but no place is free. */
  waitForPlace(): void {
    this.#held = null;
  }

  /** Begins, or goes on after a hold. */
  run(): void {
    this.#held = null;
    this.#isResting = false;
    if (this.#download !== null) {
      this.#setState('downloading', '');
      this.#download.lookup.start();
      this.#download.resume();
      return;
    }
    if (this.#isPreparing) return;
    this.#isPreparing = true;
    this.#runs++;
    if (this.#manifest === null) this.#fetchSnapshot();
    else this.#open();
  }

  /** No longer assigned, or the agent stops: what is there stays. */
  pause(handsClaimOver = true): void {
    this.#context.timers.cancel(this.#retryTimer);
    this.#retryTimer = null;
    this.#isPreparing = false;
    this.#held = null;
    this.#isResting = false;
    this.#isWaitingForRoom = false;
    this.#download?.stop(handsClaimOver);
    this.#download = null;
    if (this.#state === 'downloading') this.#state = 'queued';
  }

  withdraw(): void {
    this.pause(false);
    this.#context.journal.decide(this.subject.key, 'withdrawn', null, null);
    this.#setState('withdrawn', '');
    const commandId = this.#context.commands.begin(() => undefined);
    this.#context.ports.store.drop(commandId, this.subject.key);
    this.#blocks = null;
    this.#manifest = null;
    this.#swarm = null;
  }

  /** Deleted from the disk. Who had it delivered keeps it so. */
  retire(detail: string): void {
    this.pause();
    this.#isRetired = true;
    this.#hadBlocksBefore = false;
    this.#blocks = null;
    this.#manifest = null;
    this.#swarm = null;
    if (this.#state === 'ready' || this.#state === 'installed') this.#setState(this.#state, detail);
  }

  /** It was delivered in a former life, and deleted since. */
  restoreRetired(): void {
    if (this.#manifest !== null || this.#state !== 'queued') return;
    this.#isRetired = true;
    this.#state = 'ready';
  }

  /** Another delivery brings it again. */
  renew(): void {
    if (!this.#isRetired) return;
    this.#isRetired = false;
    this.#setState('queued', '');
  }

  /** There may be room now. */
  retryForRoom(): void {
    if (!this.#isWaitingForRoom) return;
    this.#context.timers.cancel(this.#retryTimer);
    this.#lookForRoom();
  }

  /** Settings or the clock moved on: do what is due. */
  step(): void {
    this.#download?.step();
  }

  /** See `PackageDownload.addressGone`; what waits for a server that was not there waits no longer. */
  addressGone(hasLeftSubnet: boolean): void {
    this.#download?.addressGone(hasLeftSubnet);
    if (this.#retryTimer === null || this.#state !== 'queued') return;
    this.#context.timers.cancel(this.#retryTimer);
    this.#retryTimer = null;
  }

  heard(sender: AgentId, bootId: number, message: DatagramMessage): void {
    // A claimer whose wants, or the answers to them, were lost learns here that nothing has to cross the WAN.
    if (message.kind === 'want' || (message.kind === 'claim' && this.#download === null)) this.#answerWant(sender);
    if (this.#download !== null) this.#download.heard(sender, bootId, message);
    else if (message.kind === 'blocks') {
      // Still worth knowing when everything is here: it is whom a 503 names.
      this.#swarm?.setMap(sender, BlockSet.fromRanges(message.blockCount, message.ranges), message.mapVersion);
    }
  }

  /** Whether peers may be served from this package at all. */
  get isServable(): boolean {
    return this.#blocks !== null && this.#state !== 'withdrawn' && this.#manifest !== null;
  }

  noteInterest(peer: AgentId): void {
    this.#download?.noteInterest(peer);
  }

  /** Others that hold the block and may have a free slot. */
  otherHolders(block: number, except: AgentId): PeerEndpoint[] {
    const { peers, ports } = this.#context;
    const holders = [...(this.#swarm?.holders() ?? [])].filter(
      (peer) => peer !== except && peers.isAlive(peer) && this.#swarm?.blocksOf(peer)?.has(block) === true,
    );
    const named: PeerEndpoint[] = [];
    while (named.length < namedHolders && holders.length > 0) {
      const [peer] = holders.splice(ports.random.below(holders.length), 1);
      const endpoint = peer === undefined ? null : peers.find(peer);
      if (endpoint !== null) named.push({ agentId: endpoint.agentId, address: endpoint.address, port: endpoint.port });
    }
    return named;
  }

  #answerWant(sender: AgentId): void {
    const { key } = this.subject;
    if (this.#blocks === null || this.#blocks.count === 0 || !this.#context.settings.peerDownloading) return;
    if (this.#context.conditions.servingProblem !== null) return;
    const ownWeight = hrwWeight(this.#context.ownId, key + sender);
    let before = 0;
    for (const peer of this.#knownHolders()) if (hrwWeight(peer, key + sender) > ownWeight) before++;
    const message = blocksMessage(key, this.#blocks, this.isAdmitted);
    if (before < answeringHolders) this.#context.voice.tell(sender, message);
  }

  #knownHolders(): AgentId[] {
    const announced = this.#context.holderFinder
      .known(this.subject.key)
      .filter((holder) => holder.state === 'ready')
      .map((holder) => holder.peer);
    return [...new Set([...announced, ...(this.#swarm?.holders() ?? [])])];
  }

  #takeManifest(manifest: PackageManifest): void {
    this.#manifest = manifest;
    this.#swarm = new Swarm(manifest.blockCount);
  }

  #fetchSnapshot(): void {
    const { guid, version } = this.subject;
    const commandId = this.#begin((result) => {
      if (result.kind === 'snapshotReceived') {
        this.#retries = 0;
        this.#takeManifest(result.manifest);
        this.#open();
      } else if (result.kind === 'serverFailed') {
        const isFinal = result.code === 'invalid-snapshot' || result.code === 'refused';
        this.#retryLater(isFinal ? lastRetryMs : null, isFinal ? `No valid snapshot: ${result.detail}` : null);
      }
    });
    this.#context.ports.server.fetchSnapshot(commandId, guid, version);
  }

  #open(): void {
    const run = this.#runs;
    this.#owner.makeRoom(this, (problem) => {
      if (!this.#isPreparing || this.#runs !== run) return;
      if (problem === null) this.#openStore();
      else this.#diskFailed('disk-full', problem);
    });
  }

  #openStore(): void {
    const commandId = this.#begin((result) => {
      if (result.kind === 'storeOpened') this.#startDownload(result.blocks);
      else if (result.kind === 'storeFailed') {
        this.#diskFailed(result.code === 'disk-full' ? 'disk-full' : 'disk-error', result.detail);
      }
    });
    this.#context.ports.store.open(commandId, this.subject.key);
  }

  #startDownload(blocks: BlockSet): void {
    const manifest = this.#manifest;
    const swarm = this.#swarm;
    if (manifest === null || swarm === null) return;
    this.#isPreparing = false;
    this.#blocks = blocks;
    if (blocks.count > 0 && this.#hadBlocksBefore) {
      this.#context.journal.decide(this.subject.key, 'resumed', null, null);
    }
    this.#download = new PackageDownload(this.#context, manifest, blocks, swarm, this.subject.priority, {
      completed: () => this.#finish(),
      storeFailed: (code, detail) => this.#diskFailed(code, detail),
    });
    this.#download.lookup.start();
    if (this.#isResting) {
      this.#download.suspend(this.#held === 'blockout');
      return;
    }
    this.#setState('downloading', '');
    this.#download.step();
  }

  /** `ready` says that the peer holds everything; `downloading`, that it takes part. */
  noteAnnounced(peer: AgentId, state: 'downloading' | 'ready'): void {
    const swarm = this.#swarm;
    if (swarm === null) return;
    if (state === 'downloading') swarm.noteWanted(peer, this.#context.nowMs());
    else if (this.#download !== null) this.#download.noteReady(peer);
    else swarm.setMap(peer, BlockSet.full(swarm.blockCount), swarm.blockCount);
  }

  #finish(): void {
    this.#download = null;
    this.#held = null;
    const commandId = this.#begin((result) => {
      this.#isPreparing = false;
      if (result.kind === 'storeFinished') {
        this.#context.journal.decide(this.subject.key, 'ready', null, null);
        this.#setState('ready', '');
        this.#owner.ended(this);
      } else if (result.kind === 'storeFailed') {
        this.#diskFailed(result.code === 'disk-full' ? 'disk-full' : 'disk-error', result.detail);
      }
    });
    this.#isPreparing = true;
    this.#context.ports.store.finish(commandId, this.subject.key);
  }

  #diskFailed(code: 'disk-full' | 'disk-error', detail: string): void {
    this.#download = null;
    if (code === 'disk-error') {
      this.#context.journal.decide(this.subject.key, code, null, null);
      this.#retryLater(diskRetryMs, `The disk reported an error: ${detail}`);
      return;
    }
    const sentence = detail === '' ? 'The disk is full. The download goes on once there is room.' : detail;
    this.#context.journal.decide(this.subject.key, code, null, null, sentence);
    this.#isPreparing = false;
    this.#isWaitingForRoom = true;
    this.#setState('failed', sentence);
    this.#lookForRoomLater();
    this.#owner.ended(this);
  }

  #lookForRoomLater(): void {
    this.#retryTimer = this.#context.timers.after(roomRetryMs, () => this.#lookForRoom());
  }

  /** Says nothing to anybody while there is none: it would be the same every few seconds. */
  #lookForRoom(): void {
    this.#retryTimer = null;
    const run = this.#runs;
    this.#owner.makeRoom(this, (problem) => {
      if (!this.#isWaitingForRoom || this.#runs !== run || this.#retryTimer !== null) return;
      if (problem !== null) {
        this.#detail = problem;
        this.#lookForRoomLater();
        return;
      }
      this.#isWaitingForRoom = false;
      this.#setState('queued', '');
      this.#owner.ended(this);
    });
  }

  /** `failure` null: nothing is wrong with the package, the server is only not there yet. */
  #retryLater(delayMs: number | null, failure: string | null): void {
    this.#isPreparing = false;
    const backoffMs = doublingBackoffMs(firstRetryMs, this.#retries, lastRetryMs);
    this.#retries++;
    if (failure === null) this.#setState('queued', '');
    else this.#setState('failed', failure);
    this.#retryTimer = this.#context.timers.after(delayMs ?? backoffMs, () => {
      this.#retryTimer = null;
      this.#setState('queued', '');
      this.#owner.ended(this);
    });
    this.#owner.ended(this);
  }

  #begin(onResult: (result: CommandResult) => void): number {
    return this.#context.commands.begin((result) => {
      // A withdrawn or unassigned package has nothing to go on with.
      if (this.#state !== 'withdrawn' && this.#isPreparing) onResult(result);
    });
  }

  #setState(state: PackageState, detail: string): void {
    if (state === this.#state && detail === this.#detail) return;
    this.#state = state;
    this.#detail = detail;
    this.#context.outbox.add({
      kind: 'package-state',
      key: this.subject.key,
      state,
      blocks: this.#blocks?.count ?? 0,
      blockCount: this.blockCount,
      detail: detail.slice(0, 400),
    });
    this.#owner.stateChanged(this);
  }
}
