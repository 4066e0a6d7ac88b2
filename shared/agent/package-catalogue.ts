import type { BlockSet } from '../base/block-set.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { AgentConfiguration } from '../contracts/agent-api.ts';
import type { AgentContext } from './agent-context.ts';
import type { AnnouncedPackage, DatagramMessage } from './datagram-message.ts';
import { admit } from './download-admission.ts';
import type { PackageWord } from './early-words.ts';
import { PackageDelivery } from './package-delivery.ts';
import type { PackageManifest } from './ports.ts';
import { Retention } from './retention.ts';

export interface PackageCatalogueOwner {
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
  readonly retention: Retention;
  /** Keys by their last change of state, newest first. */
  #changedKeys: readonly PackageKey[] = [];

  constructor(context: AgentContext, owner: PackageCatalogueOwner) {
    this.#context = context;
    this.#owner = owner;
    this.retention = new Retention(context, this);
  }

  get all(): readonly PackageDelivery[] {
    return [...this.#deliveries.values()];
  }

  find(key: PackageKey): PackageDelivery | null {
    return this.#deliveries.get(key) ?? null;
  }

  restore(manifest: PackageManifest, blocks: BlockSet, isFinished: boolean): void {
    const delivery = this.#add({ ...manifest, priority: 'normal' });
    delivery.restore(manifest, blocks, isFinished);
    if (isFinished) this.#changedKeys = [manifest.key, ...this.#changedKeys];
  }

  /** It was deleted from the disk, and nothing asks for it. */
  remove(key: PackageKey): void {
    this.#deliveries.delete(key);
    this.#changedKeys = this.#changedKeys.filter((changed) => changed !== key);
    this.#context.tally.forget(key);
    this.#context.journal.forget(key);
  }

  applyConfiguration(configuration: AgentConfiguration): void {
    this.retention.takeConfiguration(configuration);
    this.#context.withdrawals.learn(configuration.withdrawn);
    this.#assigned.clear();
    for (const assigned of configuration.deliveries) {
      if (this.#context.withdrawals.has(assigned.key)) continue;
      this.#assigned.add(assigned.key);
      const known = this.#deliveries.get(assigned.key);
      if (known === undefined) this.#add(assigned);
      else known.setPriority(assigned.priority);
    }
    for (const delivery of this.#deliveries.values()) {
      if (!this.#assigned.has(delivery.subject.key) && !delivery.isFinishing) delivery.pause();
      delivery.step();
    }
    this.retention.configure();
    this.admit();
  }

  /** Starts, goes on with and holds what the policy, the clock, more urgent packages and the person at the computer let it. */
  admit(): void {
    const { settings, calendar, isStopping } = this.#context;
    if (isStopping) return;
    const candidates = this.all.filter(
      (delivery) =>
        this.#assigned.has(delivery.subject.key) &&
        (delivery.isRunning || delivery.wantsToRun) &&
        !delivery.isFinishing,
    );
    const verdicts = admit(
      candidates.map(({ subject: { key, priority }, isRunning }) => ({ key, priority, isRunning })),
      {
        maxConcurrentPackages: settings.maxConcurrentPackages,
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

  /** A throttling period or a blockout began or ended. */
  calendarChanged(): void {
    this.admit();
    for (const delivery of this.#deliveries.values()) delivery.step();
  }

  /** False where this agent never had to do with the package. */
  withdraw(key: PackageKey): boolean {
    const delivery = this.#deliveries.get(key);
    if (delivery === undefined || delivery.state === 'withdrawn') return false;
    this.#assigned.delete(key);
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

  /** Something changed that any package may be waiting for. */
  step(): void {
    for (const delivery of this.#deliveries.values()) delivery.step();
    this.admit();
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
    if (this.#context.conditions.servingProblem !== null) return null;
    const delivery = this.#deliveries.get(key);
    // What was delivered here and deleted since cannot be had from here.
    if (delivery?.isServable !== true) return null;
    const blocks = delivery.blocks?.count ?? 0;
    if (delivery.state === 'downloading') return { key, state: 'downloading', blocks };
    return delivery.state === 'ready' || delivery.state === 'installed' ? { key, state: 'ready', blocks } : null;
  }

  #add(subject: PackageDelivery['subject']): PackageDelivery {
    const { key, guid, version, name, priority, totalSizeBytes } = subject;
    const delivery = new PackageDelivery(
      this.#context,
      { key, guid, version, name, priority, totalSizeBytes },
      {
        stateChanged: () => {
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
