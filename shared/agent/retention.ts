import type { PackageKey } from '../base/ids.ts';
import type { AgentConfiguration } from '../contracts/agent-api.ts';
import type { AgentContext } from './agent-context.ts';
import type { DeletionReason, DiskKeeperOwner } from './disk-keeper.ts';
import { DiskKeeper } from './disk-keeper.ts';
import type { KeptPackage } from './disk-plan.ts';
import type { PackageDelivery } from './package-delivery.ts';

export interface RetainedPackages {
  readonly all: readonly PackageDelivery[];
  find(key: PackageKey): PackageDelivery | null;
  /** It is not known here any longer. */
  remove(key: PackageKey): void;
}

/** A delivery that was fulfilled here and whose package was deleted since. */
export interface RetiredDelivery {
  readonly key: PackageKey;
  readonly deliveryId: string;
}

const sentences: { readonly [Reason in DeletionReason]: string } = {
  unused: 'Deleted from this computer: it was unused for the time that the server keeps packages.',
  room: 'Deleted from this computer to make room on its disk.',
};

/**
 * What stays on this computer and for how long. A delivery that was fulfilled stays fulfilled when its package is deleted:
 * it is not fetched again, unless another delivery brings it.
 */
export class Retention implements DiskKeeperOwner {
  readonly #context: AgentContext;
  readonly #packages: RetainedPackages;
  readonly #keeper: DiskKeeper;
  /** As the configuration has them. */
  #deliveryIds: ReadonlyMap<PackageKey, string> = new Map();
  readonly #retired = new Map<PackageKey, string>();
  #assignedToServer: ReadonlySet<PackageKey> = new Set();

  constructor(context: AgentContext, packages: RetainedPackages) {
    this.#context = context;
    this.#packages = packages;
    this.#keeper = new DiskKeeper(context, this);
  }

  /** What the store remembers from former lives. */
  restore(retired: readonly RetiredDelivery[]): void {
    for (const { key, deliveryId } of retired) this.#retired.set(key, deliveryId);
  }

  restorePackage(key: PackageKey, lastUsedMs: number | null): void {
    this.#keeper.restore(key, lastUsedMs);
  }

  /** Before the packages follow a new configuration. */
  takeConfiguration(configuration: AgentConfiguration): void {
    this.#deliveryIds = new Map(configuration.deliveries.map(({ key, deliveryId }) => [key, deliveryId]));
    this.#assignedToServer = new Set((this.#context.packageServer?.packages ?? []).map(({ key }) => key));
    for (const key of this.#assignedToServer) this.revive(key);
    for (const [key, deliveryId] of this.#retired) {
      if (this.#deliveryIds.get(key) === deliveryId) continue;
      this.#retired.delete(key);
      this.#packages.find(key)?.renew();
      // The store forgets that it was delivered: it is fetched anew, or nobody asks any more.
      this.#context.ports.store.drop(
        this.#context.commands.begin(() => undefined),
        key,
      );
    }
  }

  /** After the packages follow it. */
  configure(): void {
    for (const delivery of this.#packages.all) {
      if (this.#retired.has(delivery.subject.key)) delivery.restoreRetired();
    }
    this.#keeper.configure();
    this.roomMade();
  }

  stop(): void {
    this.#keeper.stop();
  }

  /** It is to be fetched again, although its delivery was fulfilled. True where it had been deleted. */
  revive(key: PackageKey): boolean {
    const wasRetired = this.#retired.delete(key);
    if (wasRetired) this.#packages.find(key)?.renew();
    return wasRetired;
  }

  noteUse(key: PackageKey): void {
    if (this.#packages.find(key)?.isServable === true) this.#keeper.noteUse(key);
  }

  /** Room for the rest of a package; null, or in a sentence why there is none. */
  makeRoom(delivery: PackageDelivery, done: (problem: string | null) => void): void {
    this.#keeper.makeRoom(delivery.subject.key, delivery.missingBytes, done);
  }

  kept(): readonly Omit<KeptPackage, 'lastUsedMs'>[] {
    return this.#packages.all
      .filter((delivery) => delivery.takesRoom)
      .map((delivery) => ({
        key: delivery.subject.key,
        heldBytes: delivery.heldBytes,
        need: this.#needOf(delivery),
      }));
  }

  reservedBytes(without: PackageKey | null): number {
    return this.#packages.all
      .filter((delivery) => delivery.isRunning && delivery.subject.key !== without)
      .reduce((sum, delivery) => sum + delivery.missingBytes, 0);
  }

  delete(key: PackageKey, reason: DeletionReason, done: () => void): void {
    const sentence = sentences[reason];
    const { journal, commands, ports } = this.#context;
    journal.decide(key, 'deleted', null, null, sentence);
    this.#keeper.forget(key);
    this.#packages.find(key)?.retire(sentence);
    const commandId = commands.begin(() => done());
    const deliveryId = this.#deliveryIds.get(key);
    if (deliveryId === undefined) {
      this.#packages.remove(key);
      ports.store.drop(commandId, key);
    } else {
      this.#retired.set(key, deliveryId);
      ports.store.retire(commandId, key, deliveryId);
    }
  }

  roomMade(): void {
    for (const delivery of this.#packages.all) delivery.retryForRoom();
  }

  #needOf(delivery: PackageDelivery): KeptPackage['need'] {
    if (delivery.isRunning || delivery.download !== null || delivery.state === 'installing') return 'fetching';
    // What a Package Server is to keep, it would have to fetch again.
    if (this.#assignedToServer.has(delivery.subject.key)) return 'missing';
    if (!this.#deliveryIds.has(delivery.subject.key)) return 'unassigned';
    if (delivery.state === 'installed') return 'installed';
    // An installation that is to come needs it, and one that failed may be tried again.
    const isToBeInstalled = (delivery.assignment?.plan?.installation ?? null) !== null;
    return delivery.state === 'ready' && !isToBeInstalled ? 'delivered' : 'missing';
  }
}
