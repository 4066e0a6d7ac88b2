import { BlockSet } from '../base/block-set.ts';
import type { AgentId } from '../base/ids.ts';
import { BLOCK_SIZE_BYTES, blockCountOf } from '../base/units.ts';
import type { AssignedDelivery } from '../contracts/agent-api.ts';
import type { DeliveryFailure } from '../contracts/deliveries.ts';
import type { DeliveryPriority, PackageState } from '../contracts/package-state.ts';
import type { AgentContext } from './agent-context.ts';
import type { DatagramMessage } from './datagram-message.ts';
import { noOutcome } from './delivery-report.ts';
import type { Admission } from './download-admission.ts';
import { answersWant, hasWhatOthersLack, hearAsHolder } from './holder-words.ts';
import { journalSentence } from './journal-sentences.ts';
import { PackageContent } from './package-content.ts';
import { PackageDownload } from './package-download.ts';
import { PackageStatus } from './package-status.ts';
import type { DiskFailureCode } from './package-steps.ts';
import { PackageSteps } from './package-steps.ts';
import type { PackageSubject } from './package-subject.ts';
import type { PackageManifest } from './ports.ts';
import { blocksMessage } from './progress-notices.ts';
import { longestRetryPauseMs, RetryPause } from './retry-pause.ts';
import { RoomWait } from './room-wait.ts';
import type { Swarm } from './swarm.ts';

const diskRetryMs = 60_000;
const goneSentence = 'What was here of the package is gone from the disk. It is fetched anew.';

function lostSentence(count: number): string {
  const blocks = count === 1 ? 'A block was' : `${count} blocks were`;
  return `${blocks} gone from the disk, or damaged there. ${count === 1 ? 'It is' : 'They are'} fetched again.`;
}

/** Why a package that is assigned does not download now. */
type HoldReason = Exclude<Admission, 'run' | 'waiting'>;

export interface PackageDeliveryOwner {
  /** A block is here, and may be served. */
  blockStored(delivery: PackageDelivery, block: number): void;
  /** The announced or local state changed. */
  stateChanged(delivery: PackageDelivery): void;
  /** A place among the concurrent packages is free. */
  ended(delivery: PackageDelivery): void;
  /** Room for what is missing; `done` gets null, or in a sentence why there is none. */
  makeRoom(delivery: PackageDelivery, done: (problem: string | null) => void): void;
}

/**
 * One package on this agent from assignment to `ready` and beyond: its state, what runs for it now and what holds it up,
 * and what others may be told and served.
 */
export class PackageDelivery {
  #subject: PackageSubject;
  readonly #context: AgentContext;
  readonly #owner: PackageDeliveryOwner;
  readonly #status: PackageStatus;
  readonly #content: PackageContent;
  #download: PackageDownload | null = null;
  readonly #steps: PackageSteps;
  readonly #roomWait: RoomWait;
  readonly #retryPause: RetryPause;
  #held: HoldReason | null = null;
  /** Started, and asks for nothing until it is told to go on. */
  #isResting = false;
  #isRetired = false;
  /** Blocks that somebody waits for. */
  readonly #demanded = new Set<number>();
  #validatedAtMs: number | null = null;

  constructor(context: AgentContext, subject: PackageSubject, owner: PackageDeliveryOwner) {
    this.#context = context;
    this.#subject = subject;
    this.#owner = owner;
    this.#status = new PackageStatus(context, this, () => owner.stateChanged(this));
    this.#content = new PackageContent(context.ports.subnetDirectory.numbers);
    this.#retryPause = new RetryPause(context);
    const makeRoom = (done: (problem: string | null) => void) => owner.makeRoom(this, done);
    this.#steps = new PackageSteps(context, {
      makeRoom,
      snapshotReceived: (manifest) => {
        this.#validatedAtMs = context.nowMs();
        this.#nameAfter(manifest);
        this.#content.takeManifest(manifest);
      },
      snapshotFailed: (detail, isFinal) => {
        if (isFinal) this.#retryLater(longestRetryPauseMs, `No valid snapshot: ${detail}`, 'invalid-snapshot');
        // Nothing is wrong with the package, the server is only not there yet.
        else this.#retryLater(null, null);
      },
      snapshotMissing: () => this.#beginAnew(),
      opened: (blocks) => {
        this.#retryPause.noteSuccess();
        this.#startDownload(blocks);
      },
      finished: () => {
        // Lost while the files were put in their place.
        if (this.#content.blocks?.isFull !== true) {
          this.#fetchAnew();
          return;
        }
        this.#context.journal.decide(this.subject.key, 'ready', null, null);
        this.#content.completed();
        this.#status.change('ready', '');
        owner.ended(this);
      },
      diskFailed: (code, detail) => this.#diskFailed(code, detail),
    });
    this.#roomWait = new RoomWait(context, {
      makeRoom,
      // To people only: events would say the same every few seconds.
      stillFull: (problem) => {
        this.#status.detail = problem;
      },
      found: () => this.#queueAgain(),
    });
  }

  get subject(): PackageSubject {
    return this.#subject;
  }

  get assignment(): AssignedDelivery | null {
    return this.#status.assignment;
  }

  /** The delivery that brings it, as the configuration has it now; null: none does. A store does not keep it. */
  assign(assignment: AssignedDelivery | null): void {
    this.#status.assign(assignment);
  }

  /** Of whatever wants it now. A store does not keep it. */
  setPriority(priority: DeliveryPriority): void {
    if (priority === this.#subject.priority) return;
    this.#subject = { ...this.#subject, priority };
    if (this.#download !== null) this.#download.priority = priority;
  }

  /** Where the server cannot know it: what is here was here before the delivery. */
  tellAssignment(): void {
    this.#status.tellAssignment();
  }

  installing(): void {
    this.#status.installing();
  }

  installed(isRebootPending: boolean, exitCode: number | null, detail: string): void {
    this.#status.change('installed', detail, { failure: null, exitCode, isRebootPending });
    this.#installationEnded();
  }

  installationFailed(failure: DeliveryFailure, exitCode: number | null, detail: string): void {
    this.#status.change('failed', detail, { failure, exitCode, isRebootPending: false });
    this.#installationEnded();
  }

  /** It is tried again, at once or later. */
  retryInstallation(detail = ''): void {
    const wasInstalling = this.state === 'installing';
    this.#status.installationPutOff();
    if (this.isComplete) this.#status.change('ready', detail);
    else if (wasInstalling) this.#fetchWhatWasLost();
  }

  #installationEnded(): void {
    this.#status.installationEnded();
    this.#fetchWhatWasLost();
  }

  get state(): PackageState {
    return this.#status.state;
  }

  /** For `failed`: what went wrong, for people. */
  get detail(): string {
    return this.#status.detail;
  }

  get manifest(): PackageManifest | null {
    return this.#content.manifest;
  }

  get blocks(): BlockSet | null {
    return this.#content.blocks;
  }

  get blockCount(): number {
    return this.manifest?.blockCount ?? blockCountOf(this.subject.totalSizeBytes, BLOCK_SIZE_BYTES);
  }

  get swarm(): Swarm | null {
    return this.#content.swarm;
  }

  get download(): PackageDownload | null {
    return this.#download;
  }

  /** When the Notification Server last said that the package is to be had; null = not in this life. */
  get validatedAtMs(): number | null {
    return this.#validatedAtMs;
  }

  noteValidated(nowMs: number): void {
    this.#validatedAtMs = nowMs;
  }

  /** Somebody waits for the block: it is fetched before others. `asker` null: no agent. */
  demand(block: number, asker: AgentId | null): void {
    this.#demanded.add(block);
    if (asker !== null) this.#download?.askedAsServer(asker);
    this.#download?.step();
  }

  /** Of the content, on the disk. */
  get heldBytes(): number {
    return this.#content.heldBytes;
  }

  get missingBytes(): number {
    return this.subject.totalSizeBytes - this.heldBytes;
  }

  /** Nothing is left to download. */
  get isComplete(): boolean {
    return this.#content.isComplete;
  }

  get takesRoom(): boolean {
    return this.manifest !== null && !this.#isRetired && this.state !== 'withdrawn';
  }

  /** Takes over what the store held at start. */
  restore(manifest: PackageManifest, blocks: BlockSet, isFinished: boolean): void {
    this.#nameAfter(manifest);
    this.#content.restore(manifest, blocks, isFinished);
    if (isFinished) this.#status.restore('ready');
  }

  /** It may begin yet: what is said of it meanwhile is worth keeping. */
  get isYetToBegin(): boolean {
    return this.#download === null && this.state === 'queued';
  }

  get wantsToRun(): boolean {
    return this.state === 'queued' && !this.#steps.isUnderWay && !this.#retryPause.isUnderWay;
  }

  /** Occupies a place among the concurrent packages. */
  get isRunning(): boolean {
    return this.#steps.isUnderWay || (this.#download !== null && !this.#isResting);
  }

  /** Runs, and nothing tells it to rest once it is prepared. */
  get isAdmitted(): boolean {
    return this.isRunning && !this.#isResting;
  }

  /** Every block is here: only the files have to be put in place. */
  get isFinishing(): boolean {
    return this.#steps.isUnderWay && this.blocks?.isFull === true;
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
    if (this.state === 'downloading') this.#status.change('queued', '');
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
      this.#status.change('downloading', '');
      this.#download.lookup.start();
      this.#download.resume();
      return;
    }
    if (!this.#steps.isUnderWay) this.#steps.prepare(this.#subject, this.manifest !== null);
  }

  /** No longer assigned, or the agent stops: what is there stays. */
  pause(handsClaimOver = true): void {
    this.#retryPause.cancel();
    this.#steps.stop();
    this.#roomWait.stop();
    this.#held = null;
    this.#isResting = false;
    this.#download?.stop(handsClaimOver);
    this.#download = null;
    if (this.state === 'downloading' || this.state === 'failed') this.#status.backToReady('queued');
  }

  withdraw(): void {
    this.pause(false);
    this.#context.journal.decide(this.subject.key, 'withdrawn', null, null);
    this.#status.change('withdrawn', '');
    const commandId = this.#context.commands.begin(() => undefined);
    this.#context.ports.store.drop(commandId, this.subject.key);
    this.#content.forget();
  }

  /** Deleted from the disk. Who had it delivered keeps it so. */
  retire(detail: string): void {
    this.pause();
    this.#isRetired = true;
    this.#content.forget();
    if (this.state === 'ready' || this.state === 'installed') this.#status.change(this.state, detail);
  }

  /** It was delivered in a former life, and deleted since. */
  restoreRetired(): void {
    if (this.manifest !== null || this.state !== 'queued') return;
    this.#isRetired = true;
    this.#status.restore('ready');
  }

  /** Another delivery brings it again. */
  renew(): void {
    if (!this.#isRetired) return;
    this.#isRetired = false;
    this.#status.change('queued', '');
  }

  /** There may be room now. */
  retryForRoom(): void {
    this.#roomWait.lookNow();
  }

  /** It failed before, and is tried again without its pause. */
  retryNow(): void {
    this.#roomWait.lookNow();
    this.#download?.retryNow();
    this.#retryPause.noteSuccess();
    if (this.#retryPause.cancel()) this.#queueAgain();
  }

  /** Settings or the clock moved on: do what is due. */
  step(): void {
    this.#download?.step();
  }

  fallSilent(): void {
    this.#download?.fallSilent();
  }

  /** See `PackageDownload.addressGone`; what waits for a server that was not there waits no longer. */
  addressGone(hasLeftSubnet: boolean): void {
    this.#download?.addressGone(hasLeftSubnet);
    if (this.state === 'queued') this.#retryPause.cancel();
  }

  heard(sender: AgentId, bootId: number, message: DatagramMessage): void {
    // A claimer whose wants, or the answers to them, were lost learns here that nothing has to cross the WAN.
    if (message.kind === 'want' || (message.kind === 'claim' && this.#download === null)) this.#answerWant(sender);
    if (this.#download !== null) this.#download.heard(sender, bootId, message);
    else if (this.swarm !== null) hearAsHolder(this.swarm, sender, message, this.#context.nowMs());
  }

  /** Whether peers may be served from this package at all. */
  get isServable(): boolean {
    return this.blocks !== null && this.state !== 'withdrawn' && this.manifest !== null;
  }

  noteInterest(peer: AgentId): void {
    this.swarm?.noteWanted(peer, this.#context.nowMs());
    this.#download?.noteInterest(peer);
  }

  /** Somebody who takes part lacks blocks that no other live peer has. */
  get isNeededByPeers(): boolean {
    return this.isServable && hasWhatOthersLack(this.#context, this.blocks, this.swarm);
  }

  #answerWant(sender: AgentId): void {
    if (this.blocks === null || this.blocks.count === 0) return;
    if (!answersWant(this.#context, this.subject.key, this.swarm, sender)) return;
    this.#context.voice.tell(sender, blocksMessage(this.subject.key, this.blocks, this.isAdmitted));
  }

  /** Who asks a Package Server for a package says neither name nor size. */
  #nameAfter({ name, totalSizeBytes }: PackageManifest): void {
    this.#subject = { ...this.#subject, name, totalSizeBytes, isHearsay: false };
  }

  #startDownload(blocks: BlockSet): void {
    const { manifest, swarm } = this.#content;
    if (manifest === null || swarm === null) return;
    this.#content.opened(blocks);
    if (blocks.count > 0 && this.#content.isResumed) {
      this.#context.journal.decide(this.subject.key, 'resumed', null, null);
    }
    const facts = { priority: this.subject.priority, demanded: this.#demanded };
    this.#download = new PackageDownload(this.#context, manifest, blocks, swarm, facts, {
      blockStored: (block) => {
        this.#demanded.delete(block);
        this.#owner.blockStored(this, block);
      },
      completed: () => this.#finish(),
      storeFailed: (code, detail) => this.#diskFailed(code, detail),
    });
    const words = this.#context.earlyWords.take(this.subject.key, this.#context.nowMs());
    if (this.#isResting) {
      this.#download.suspend(this.#held === 'blockout');
      return;
    }
    this.#download.begin(words);
    this.#status.change('downloading', '');
    this.#download.step();
  }

  /** `ready` says that the peer holds everything; `downloading`, that it takes part. */
  noteAnnounced(peer: AgentId, state: 'downloading' | 'ready'): void {
    const swarm = this.swarm;
    if (swarm === null) return;
    if (state === 'downloading') swarm.noteWanted(peer, this.#context.nowMs());
    else if (this.#download !== null) this.#download.noteReady(peer);
    else swarm.setMap(peer, BlockSet.full(swarm.blockCount), swarm.blockCount);
  }

  #finish(): void {
    this.#download = null;
    this.#held = null;
    this.#steps.finish(this.#subject.key);
  }

  #diskFailed(code: DiskFailureCode, detail: string): void {
    this.#download = null;
    if (code === 'disk-error') {
      this.#context.journal.decide(this.subject.key, code, null, null);
      this.#retryLater(diskRetryMs, `The disk reported an error: ${detail}`, code);
      return;
    }
    const sentence = detail === '' ? 'The disk is full. The download goes on once there is room.' : detail;
    this.#context.journal.decide(this.subject.key, code, null, null, sentence);
    this.#status.change('failed', sentence, { ...noOutcome, failure: code });
    this.#roomWait.begin();
    this.#owner.ended(this);
  }

  /** The disk has lost blocks that were verified, of a package that is complete too: they are fetched again. */
  blocksLost(blocks: readonly number[]): void {
    const isHeldByPeers = this.#download !== null || this.isComplete;
    const lostCount = this.#content.lose(blocks);
    if (lostCount === 0) return;
    this.#context.journal.decide(this.subject.key, 'disk-error', null, null, lostSentence(lostCount));
    // What opens or finishes it finds them itself, and comes to nothing.
    if (this.#steps.isUnderWay) return;
    // Its files are in use.
    if (isHeldByPeers && this.state !== 'installing') this.#fetchAnew();
  }

  /** While it was installed. */
  #fetchWhatWasLost(): void {
    if (this.manifest !== null && !this.isComplete) this.#fetchAnew();
  }

  #fetchAnew(): void {
    this.pause();
    this.#queueAgain();
  }

  #beginAnew(): void {
    this.#context.journal.decide(this.subject.key, 'disk-error', null, null, goneSentence);
    this.#content.forget();
    this.#retryLater(null, null);
  }

  #queueAgain(): void {
    this.#status.change('queued', '');
    this.#owner.ended(this);
  }

  /** `failure` null: nothing is wrong with the package, the server is only not there yet. */
  #retryLater(delayMs: number | null, failure: string | null, code: DeliveryFailure | null = null): void {
    if (failure === null) this.#status.change('queued', '');
    else this.#status.change('failed', failure, { ...noOutcome, failure: code });
    this.#retryPause.begin(delayMs, () => this.#queueAgain());
    this.#owner.ended(this);
  }
}
