import type { PackageKey } from '../base/ids.ts';

/** Who has not been asked for a block for so long is not waited for: followers ask for the next one as soon as they can. */
const lastingMs = 2000;

/** What peers take from this computer: the copies of blocks that are leaving, and when one was last asked for. It serves nobody. */
export class PeerDemand {
  readonly #underWay = new Map<number, PackageKey>();
  #askedAtMs = Number.NEGATIVE_INFINITY;

  /** A peer asks for a block that is here. */
  asked(nowMs: number): void {
    this.#askedAtMs = nowMs;
  }

  begins(requestId: number, key: PackageKey): void {
    this.#underWay.set(requestId, key);
  }

  ends(requestId: number): void {
    this.#underWay.delete(requestId);
  }

  /** A copy of one of its blocks is leaving. */
  isGiving(key: PackageKey): boolean {
    for (const given of this.#underWay.values()) if (given === key) return true;
    return false;
  }

  /** Somebody is taking blocks, or has just asked for one. */
  lasts(nowMs: number): boolean {
    return this.#underWay.size > 0 || nowMs - this.#askedAtMs < lastingMs;
  }
}
