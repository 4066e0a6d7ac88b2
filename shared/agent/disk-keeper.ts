import type { PackageKey } from '../base/ids.ts';
import type { AgentContext } from './agent-context.ts';
import type { DiskFacts, DiskLimits, KeptPackage, Shortfall } from './disk-plan.ts';
import { packagesToDelete, shortfallOf, shortfallSentence, unusedPackages } from './disk-plan.ts';
import { WakeUp } from './timers.ts';

/** Between two looks at what is unused and at the disk. */
const lookEveryMs = 600_000;
/** After a configuration: other changes of the same moment come first. */
const soonMs = 1000;
/** A use is written down at most this often: what a crash forgets is nothing against a day. */
const noteEveryMs = 600_000;
/** Deleting frees less than the books say where files are sparse: then it is looked again, so often at most. */
const maxRounds = 4;

export type DeletionReason = 'unused' | 'room';

export interface DiskKeeperOwner {
  /** Every package that takes room, in any order. */
  kept(): readonly Omit<KeptPackage, 'lastUsedMs'>[];
  /** Missing bytes of everything that is being fetched, without this package: they will be needed too. */
  reservedBytes(without: PackageKey | null): number;
  /** Deletes and tells when that is done. It is no longer among `kept` from then on. */
  delete(key: PackageKey, reason: DeletionReason, done: () => void): void;
  /** There may be room where there was none. */
  roomMade(): void;
}

/**
 * Decides which packages this computer keeps: deletes what is unused, and makes room for what is to be fetched. One thing at
 * a time, so that the same room is not given away twice.
 */
export class DiskKeeper {
  readonly #context: AgentContext;
  readonly #owner: DiskKeeperOwner;
  readonly #wakeUp: WakeUp;
  readonly #lastUsedMs = new Map<PackageKey, number>();
  readonly #notedMs = new Map<PackageKey, number>();
  /** Bounded by the packages that are being prepared, and one look. */
  #waiting: (() => void)[] = [];
  #isBusy = false;
  #isLookPlanned = false;

  constructor(context: AgentContext, owner: DiskKeeperOwner) {
    this.#context = context;
    this.#owner = owner;
    this.#wakeUp = new WakeUp(context.ports.clock, context.timers, () => this.#look());
  }

  /** A configuration says what is assigned and how long to keep; before the first one nothing is deleted. */
  configure(): void {
    this.#wakeUp.noLaterThan(this.#context.nowMs() + soonMs);
  }

  stop(): void {
    this.#wakeUp.setAt(Number.POSITIVE_INFINITY);
  }

  /** From a former life; null where it is not known: then it counts from now. */
  restore(key: PackageKey, lastUsedMs: number | null): void {
    if (lastUsedMs === null) this.noteUse(key);
    else this.#lastUsedMs.set(key, Math.min(lastUsedMs, this.#wallMs()));
  }

  noteUse(key: PackageKey): void {
    const nowMs = this.#wallMs();
    this.#lastUsedMs.set(key, nowMs);
    const notedMs = this.#notedMs.get(key);
    if (notedMs !== undefined && nowMs - notedMs < noteEveryMs && nowMs >= notedMs) return;
    this.#notedMs.set(key, nowMs);
    this.#context.ports.store.noteUse(key, nowMs);
  }

  forget(key: PackageKey): void {
    this.#lastUsedMs.delete(key);
    this.#notedMs.delete(key);
  }

  /** Room for `neededBytes` more of a package; `done` gets null, or in a sentence why there is none. */
  makeRoom(key: PackageKey, neededBytes: number, done: (problem: string | null) => void): void {
    this.#inTurn((end) => {
      this.#makeRoom(key, neededBytes, maxRounds, (problem) => {
        end();
        done(problem);
      });
    });
  }

  #makeRoom(key: PackageKey, neededBytes: number, rounds: number, done: (problem: string | null) => void): void {
    this.#measure((facts) => {
      const needed = neededBytes + this.#owner.reservedBytes(key);
      const shortfall = facts === null ? null : shortfallOf(facts, this.#limits, needed);
      if (shortfall === null) {
        done(null);
        return;
      }
      // Nobody is helped by deleting what does not make enough room.
      const { keys, isEnough } = this.#planFor(shortfall);
      if (!isEnough || rounds === 0) done(shortfallSentence(shortfall, this.#limits));
      else this.#delete(keys, 'room', () => this.#makeRoom(key, neededBytes, rounds - 1, done));
    });
  }

  #look(): void {
    this.#wakeUp.setAt(this.#context.nowMs() + lookEveryMs);
    if (this.#isLookPlanned) return;
    this.#isLookPlanned = true;
    this.#inTurn((end) => {
      this.#isLookPlanned = false;
      const keepMs = (this.#context.configuration?.agentPackage.deleteUnusedAfterHours ?? 0) * 3_600_000;
      const unused = keepMs === 0 ? [] : unusedPackages(this.#kept(), this.#wallMs(), keepMs);
      this.#delete(unused, 'unused', () => this.#keepLimits(end));
    });
  }

  /** The limits hold without a download too: somebody else may have filled the disk, or the policy has changed. */
  #keepLimits(end: () => void): void {
    this.#measure((facts) => {
      const shortfall = facts === null ? null : shortfallOf(facts, this.#limits, this.#owner.reservedBytes(null));
      this.#delete(shortfall === null ? [] : this.#planFor(shortfall).keys, 'room', () => {
        end();
        this.#owner.roomMade();
      });
    });
  }

  #planFor(shortfall: Shortfall) {
    return packagesToDelete(this.#kept(), shortfall.bytes);
  }

  #delete(keys: readonly PackageKey[], reason: DeletionReason, done: () => void): void {
    let open = keys.length;
    if (open === 0) done();
    for (const key of keys) {
      this.#owner.delete(key, reason, () => {
        open--;
        if (open === 0) done();
      });
    }
  }

  #measure(then: (facts: DiskFacts | null) => void): void {
    const commandId = this.#context.commands.begin((result) => {
      // Where the disk does not say how full it is, the store finds out.
      then(result.kind === 'storeMeasured' ? result : null);
    });
    this.#context.ports.store.measure(commandId);
  }

  #kept(): KeptPackage[] {
    const nowMs = this.#wallMs();
    return this.#owner.kept().map((kept) => ({ ...kept, lastUsedMs: this.#lastUsedMs.get(kept.key) ?? nowMs }));
  }

  get #limits(): DiskLimits {
    const { minFreeDiskBytes, maxCacheShare } = this.#context.settings;
    return { minFreeBytes: minFreeDiskBytes, maxCacheShare };
  }

  #wallMs(): number {
    return this.#context.ports.clock.wallTimeMs();
  }

  #inTurn(work: (end: () => void) => void): void {
    this.#waiting.push(() =>
      work(() => {
        this.#isBusy = false;
        this.#next();
      }),
    );
    this.#next();
  }

  #next(): void {
    if (this.#isBusy) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#isBusy = true;
    next();
  }
}
