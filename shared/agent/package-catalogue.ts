import type { BlockSet } from '../base/block-set.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { AgentConfiguration, PrepositionedPackage } from '../contracts/agent-api.ts';
import type { PackageState } from '../contracts/package-state.ts';
import type { AgentContext } from './agent-context.ts';
import type { ContentRequest } from './agent-input.ts';
import type { AnnouncedPackage, DatagramMessage } from './datagram-message.ts';
import type { DeliveryNow } from './delivery-times.ts';
import { deliveryNow } from './delivery-times.ts';
import type { DeliveryHold } from './download-admission.ts';
import { admit } from './download-admission.ts';
import type { DownloadStanding } from './download-grounds.ts';
import { standingOf } from './download-grounds.ts';
import type { PackageWord } from './early-words.ts';
import { PackageDelivery } from './package-delivery.ts';
import type { PackageManifest } from './ports.ts';
import { Retention } from './retention.ts';
import { WakeUp } from './timers.ts';

/** Packages that somebody asked for and that the Notification Server has not confirmed. */
const maxHearsay = 32;
/** So long after it has an emergency, or gave of it, an agent that may speak for it alone goes on serving it to others. */
const servesEmergencyMs = 300_000;
/** A Package Server brings as many at a time, whatever its policy says of the others. */
const packageServerPlaces = 8;
/** Nothing is to be fetched any more. */
const settledStates: ReadonlySet<PackageState> = new Set(['ready', 'installing', 'installed', 'withdrawn']);

export interface PackageCatalogueOwner {
  /** A block is here, and may be served. */
  blockStored(delivery: PackageDelivery, block: number): void;
  /** What was asked for does not exist, or has been deleted. */
  contentGone(key: PackageKey): void;
  announcementChanged(): void;
  eventsWaiting(): void;
  /** Its state, as people see it. */
  packageChanged(delivery: PackageDelivery): void;
  /** By the person at the computer. */
  isPaused(): boolean;
}

/** All packages of this agent: which are assigned, which run now, what is announced. */
export class PackageCatalogue {
  readonly #context: AgentContext;
  readonly #owner: PackageCatalogueOwner;
  readonly #deliveries = new Map<PackageKey, PackageDelivery>();
  readonly #assigned = new Set<PackageKey>();
  /** Of those, what this Package Server keeps without being asked. */
  readonly #kept = new Map<PackageKey, PrepositionedPackage[]>();
  /** Asked for by agents of other sites or this one: kept here for them while this is a Package Server. */
  readonly #demanded = new Set<PackageKey>();
  readonly retention: Retention;
  readonly #wakeUp: WakeUp;
  /** In a total blockout, for the sake of an emergency. */
  #speaksUntilMs = 0;
  /** Keys by their last change of state, newest first. */
  #changedKeys: readonly PackageKey[] = [];

  constructor(context: AgentContext, owner: PackageCatalogueOwner) {
    this.#context = context;
    this.#owner = owner;
    this.retention = new Retention(context, this);
    this.#wakeUp = new WakeUp(context.ports.clock, context.timers, () => this.admit());
  }

  get all(): readonly PackageDelivery[] {
    return [...this.#deliveries.values()];
  }

  /**
   * What peers have may matter: something is yet to be fetched, too few are known whom others can be sent on to, or withdrawn
   * packages may be spoken of.
   */
  get isAttentive(): boolean {
    if (this.#context.withdrawals.areAny) return true;
    for (const { state, swarm } of this.#deliveries.values()) {
      if (!settledStates.has(state) || swarm?.knowsEnoughHolders === false) return true;
    }
    return false;
  }

  find(key: PackageKey): PackageDelivery | null {
    return this.#deliveries.get(key) ?? null;
  }

  restore(manifest: PackageManifest, blocks: BlockSet, isFinished: boolean): void {
    const delivery = this.#add({ ...manifest, priority: 'normal' });
    delivery.restore(manifest, blocks, isFinished);
    if (isFinished) this.#changedKeys = [manifest.key, ...this.#changedKeys];
  }

  /** Somebody asks this Package Server for the package: it is fetched if need be. Null where too much is asked for. */
  demand(request: ContentRequest): PackageDelivery | null {
    const { key, guid, version } = request;
    const known = this.#deliveries.get(key);
    // What was demanded before may have had to make room since.
    const wasRetired = this.retention.revive(key);
    if (known !== undefined && this.#demanded.has(key) && !wasRetired) return known;
    if (known === undefined) {
      const hearsay = this.all.filter(({ subject }) => subject.isHearsay === true);
      if (hearsay.length >= maxHearsay) return null;
      this.#add({ key, guid, version, name: '', priority: 'normal', totalSizeBytes: 0, isHearsay: true });
    }
    this.#demanded.add(key);
    this.admit();
    return this.#deliveries.get(key) ?? null;
  }

  /** The Notification Server has it no more: nobody gets it from here. */
  discard(key: PackageKey): void {
    if (this.#deliveries.get(key)?.state === 'withdrawn') return;
    this.#deliveries.get(key)?.retire('');
    this.remove(key);
    const { commands, ports } = this.#context;
    ports.store.drop(
      commands.begin(() => undefined),
      key,
    );
    this.#owner.contentGone(key);
  }

  /** It was deleted from the disk, and nothing asks for it. */
  remove(key: PackageKey): void {
    this.#deliveries.delete(key);
    this.#demanded.delete(key);
    this.#changedKeys = this.#changedKeys.filter((changed) => changed !== key);
    this.#context.tally.forget(key);
    this.#context.journal.forget(key);
  }

  applyConfiguration(configuration: AgentConfiguration): void {
    this.retention.takeConfiguration(configuration);
    this.#assigned.clear();
    this.#kept.clear();
    if (this.#context.packageServer === null) this.#demanded.clear();
    for (const kept of this.#context.packageServer?.packages ?? []) {
      if (this.#context.withdrawals.has(kept.key)) continue;
      this.#assigned.add(kept.key);
      this.#kept.set(kept.key, [...(this.#kept.get(kept.key) ?? []), kept]);
      if (!this.#deliveries.has(kept.key)) this.#add({ ...kept, priority: kept.priority ?? 'normal' });
    }
    const delivered = new Set<PackageKey>();
    for (const assigned of configuration.deliveries) {
      if (this.#context.withdrawals.has(assigned.key)) continue;
      this.#assigned.add(assigned.key);
      delivered.add(assigned.key);
      const delivery = this.#deliveries.get(assigned.key) ?? this.#add(assigned);
      delivery.assign(assigned);
    }
    const now = deliveryNow(this.#context.ports.clock);
    for (const delivery of this.#deliveries.values()) {
      if (!delivered.has(delivery.subject.key)) delivery.assign(null);
      delivery.setPriority(this.#standingOf(delivery, now).priority);
      if (!this.#isWanted(delivery.subject.key) && !delivery.isFinishing) delivery.pause();
      delivery.step();
    }
    this.retention.configure();
    this.admit();
  }

  /** Starts, goes on with and holds what the policy, the clock, more urgent packages and the person at the computer let it. */
  admit(): void {
    const { settings, calendar, isStopping, packageServer } = this.#context;
    if (isStopping) return;
    const candidates = this.all.filter(
      (delivery) =>
        this.#isWanted(delivery.subject.key) && (delivery.isRunning || delivery.wantsToRun) && !delivery.isFinishing,
    );
    this.#silenceUnlessUrgent();
    const held = this.#holds(candidates);
    const verdicts = admit(
      candidates.map(({ subject: { key, priority }, isRunning }) => {
        return { key, priority, isRunning, heldBy: held.get(key) ?? null };
      }),
      {
        maxConcurrentPackages:
          packageServer === null
            ? settings.maxConcurrentPackages
            : Math.max(settings.maxConcurrentPackages, packageServerPlaces),
        isBlockedOut: (priority) =>
          calendar.isSilent || (calendar.blockout === 'downloads' && priority !== 'emergency'),
        isPaused: this.#owner.isPaused(),
      },
    );
    // First those that give up their places: what they were about to ask for is no longer asked.
    for (const delivery of candidates) {
      const verdict = verdicts.get(delivery.subject.key);
      if (verdict === 'waiting') delivery.waitForPlace();
      else if (verdict !== undefined && verdict !== 'run') delivery.hold(verdict);
    }
    for (const delivery of candidates) {
      if (verdicts.get(delivery.subject.key) === 'run' && !delivery.isAdmitted) delivery.run();
    }
  }

  /** What the clock says against downloading now; looks again when that may be over. */
  #holds(candidates: readonly PackageDelivery[]): ReadonlyMap<PackageKey, DeliveryHold> {
    const held = new Map<PackageKey, DeliveryHold>();
    const now = deliveryNow(this.#context.ports.clock);
    let nextMs = Number.POSITIVE_INFINITY;
    for (const delivery of candidates) {
      const { heldBy, priority, lookAgainMs } = this.#standingOf(delivery, now);
      delivery.setPriority(priority);
      if (heldBy !== null) held.set(delivery.subject.key, heldBy);
      nextMs = Math.min(nextMs, lookAgainMs);
    }
    const silentAtMs = this.#speaksUntilMs > this.#context.nowMs() ? this.#speaksUntilMs : nextMs;
    this.#wakeUp.setAt(Math.min(nextMs, silentAtMs));
    return held;
  }

  #standingOf({ assignment, subject: { key } }: PackageDelivery, now: DeliveryNow): DownloadStanding {
    const grounds = { delivery: assignment, kept: this.#kept.get(key) ?? [], isDemanded: this.#demanded.has(key) };
    return standingOf(grounds, now, this.#context.ports.clock);
  }

  /** A total blockout does not silence an agent that has an emergency to fetch whose author says so. */
  #silenceUnlessUrgent(): void {
    const urgent = this.all.filter(ignoresTotalBlockouts);
    const nowMs = this.#context.nowMs();
    if (urgent.length === 0) this.#speaksUntilMs = nowMs;
    else if (urgent.some(({ isComplete }) => !isComplete)) this.#speaksUntilMs = nowMs + servesEmergencyMs;
    this.#context.calendar.setTotalIgnored(nowMs < this.#speaksUntilMs);
  }

  /** A peer asked for blocks of it. */
  noteServed(key: PackageKey): void {
    this.retention.noteUse(key);
    const delivery = this.#deliveries.get(key);
    if (delivery !== undefined && ignoresTotalBlockouts(delivery)) {
      this.#speaksUntilMs = this.#context.nowMs() + servesEmergencyMs;
    }
  }

  /** A peer is taking blocks, or lacks some that nobody else has: it would miss this computer if it served nobody now. */
  get isNeededByPeers(): boolean {
    const { conditions, settings, peerDemand } = this.#context;
    if (conditions.servingProblem !== null || !settings.peerDownloading) return false;
    return peerDemand.lasts(this.#context.nowMs()) || this.all.some((delivery) => delivery.isNeededByPeers);
  }

  /** A throttling period or a blockout began or ended. */
  calendarChanged(): void {
    this.admit();
    for (const delivery of this.#deliveries.values()) delivery.step();
  }

  /** A total blockout begins. */
  fallSilent(): void {
    for (const delivery of this.#deliveries.values()) delivery.fallSilent();
  }

  /** False where this agent never had to do with the package. */
  withdraw(key: PackageKey): boolean {
    const delivery = this.#deliveries.get(key);
    if (delivery === undefined || delivery.state === 'withdrawn') return false;
    this.#assigned.delete(key);
    this.#demanded.delete(key);
    delivery.withdraw();
    this.#changedKeys = this.#changedKeys.filter((changed) => changed !== key);
    this.#context.tally.forget(key);
    this.admit();
    return true;
  }

  /** An own address is gone, with `hasLeftSubnet` a whole subnet with its claims: what was under way starts anew. */
  addressGone(hasLeftSubnet: boolean): void {
    for (const delivery of this.#deliveries.values()) delivery.addressGone(hasLeftSubnet);
  }

  /** Somebody has mended what held downloads up: nothing waits any longer only because it failed before. */
  retryNow(): void {
    for (const delivery of this.#deliveries.values()) delivery.retryNow();
    this.admit();
  }

  /** Something changed that any package may be waiting for. */
  step(): void {
    for (const delivery of this.#deliveries.values()) delivery.step();
    this.admit();
  }

  /** The disk has lost some of what was verified. */
  blocksLost(key: PackageKey, blocks: readonly number[]): void {
    if (!this.#context.isStopping) this.#deliveries.get(key)?.blocksLost(blocks);
  }

  stop(): void {
    this.retention.stop();
    for (const delivery of this.#deliveries.values()) delivery.pause();
  }

  heard(sender: AgentId, bootId: number, message: DatagramMessage): void {
    switch (message.kind) {
      case 'want':
      case 'claim':
      case 'release':
      case 'blocks':
        if (!this.#context.withdrawals.answer(sender, message.key)) this.#heardOf(sender, bootId, message);
        return;
      case 'withdrawal':
        this.#context.withdrawals.heard(message);
        return;
      default:
        for (const delivery of this.#deliveries.values()) delivery.heard(sender, bootId, message);
    }
  }

  #heardOf(sender: AgentId, bootId: number, message: PackageWord): void {
    const delivery = this.#deliveries.get(message.key);
    delivery?.heard(sender, bootId, message);
    if (delivery?.isYetToBegin === false) return;
    this.#context.earlyWords.note(sender, bootId, message, this.#context.nowMs());
  }

  /** The announcement changes something here, or is to be answered. */
  heedsAnnouncement(peer: AgentId, key: PackageKey, state: AnnouncedPackage['state']): boolean {
    if (this.#context.withdrawals.has(key)) return true;
    const delivery = this.#deliveries.get(key);
    return delivery?.swarm?.isNews(peer, state, delivery.state === 'downloading') === true;
  }

  noteAnnounced(peer: AgentId, key: PackageKey, state: 'downloading' | 'ready'): void {
    if (this.#context.withdrawals.answer(peer, key)) return;
    this.#deliveries.get(key)?.noteAnnounced(peer, state);
  }

  /** Most recently changed first, as announcements hold only the first few. */
  announced(): readonly AnnouncedPackage[] {
    return this.#changedKeys.flatMap((key) => this.holding(key) ?? []);
  }

  /** What is announced of one package; null where that is nothing. */
  holding(key: PackageKey): AnnouncedPackage | null {
    // Whoever came for it would be sent away.
    if (!this.#context.conditions.hasSomethingToGive) return null;
    const delivery = this.#deliveries.get(key);
    // What was delivered here and deleted since cannot be had from here.
    if (delivery?.isServable !== true) return null;
    const blocks = delivery.blocks?.count ?? 0;
    if (delivery.state === 'downloading') return { key, state: 'downloading', blocks };
    // Installing, installed or failed to install: it is here all the same.
    return delivery.isComplete ? { key, state: 'ready', blocks } : null;
  }

  isComplete(peer: AgentId, key: PackageKey): boolean {
    return this.#deliveries.get(key)?.swarm?.isComplete(peer) === true;
  }

  /** There is no such package. Nothing of it was ever written. */
  #forgetHearsay(delivery: PackageDelivery): void {
    const { key } = delivery.subject;
    delivery.pause();
    this.remove(key);
    this.#owner.contentGone(key);
  }

  #isWanted(key: PackageKey): boolean {
    return this.#assigned.has(key) || this.#demanded.has(key);
  }

  #add(subject: PackageDelivery['subject']): PackageDelivery {
    const { key, guid, version, name, priority, totalSizeBytes, isHearsay = false } = subject;
    const delivery = new PackageDelivery(
      this.#context,
      { key, guid, version, name, priority, totalSizeBytes, isHearsay },
      {
        blockStored: (stored, block) => this.#owner.blockStored(stored, block),
        stateChanged: () => {
          if (delivery.subject.isHearsay === true) {
            if (delivery.state === 'failed') this.#forgetHearsay(delivery);
            return;
          }
          this.retention.noteUse(key);
          this.#changedKeys = [key, ...this.#changedKeys.filter((changed) => changed !== key)];
          this.#owner.announcementChanged();
          this.#owner.eventsWaiting();
          this.#owner.packageChanged(delivery);
        },
        ended: () => this.admit(),
        makeRoom: (delivery, done) => this.retention.makeRoom(delivery, done),
      },
    );
    this.#deliveries.set(key, delivery);
    return delivery;
  }
}

function ignoresTotalBlockouts({ assignment }: PackageDelivery): boolean {
  return assignment?.plan?.ignoresTotalBlockouts === true;
}
