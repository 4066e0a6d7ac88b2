import type { PackageKey } from '../base/ids.ts';
import type { JournalReason, SourceKind } from '../contracts/journal.ts';

interface Portion {
  readonly source: SourceKind;
  readonly reason: JournalReason;
  bytes: number;
  blocks: number;
}

/** Where the bytes of each package came from and why, in this life of the agent. Bounded by the closed lists of both. */
export class TransferTally {
  readonly #byKey = new Map<PackageKey, Map<string, Portion>>();

  count(key: PackageKey, source: SourceKind, reason: JournalReason, bytes: number): void {
    const portions = this.#byKey.get(key) ?? new Map<string, Portion>();
    this.#byKey.set(key, portions);
    const portion = portions.get(`${source}/${reason}`) ?? { source, reason, bytes: 0, blocks: 0 };
    portion.bytes += bytes;
    portion.blocks++;
    portions.set(`${source}/${reason}`, portion);
  }

  ofKey(key: PackageKey): { source: SourceKind; reason: JournalReason; bytes: number; blocks: number }[] {
    return [...(this.#byKey.get(key)?.values() ?? [])].map((portion) => ({ ...portion }));
  }

  forget(key: PackageKey): void {
    this.#byKey.delete(key);
  }
}
