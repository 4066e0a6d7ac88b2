/** A request that a process sent before it ended may be handled this long after its successor's first. */
const lateMs = 10_000;
/** Starts of one agent that are remembered: more than come in `lateMs`, and clones beyond are found again. */
const maxOthers = 8;

interface FormerBoot {
  readonly bootId: number;
  readonly supersededAtMs: number;
  readonly isClone: boolean;
}

/**
 * Tells a restart from a copied disk. Every start of an agent has a boot id of its own. After a restart the former boot is
 * never heard again, wherever the computer is now; where it is, two processes live under one agent id.
 */
export class BootWatch {
  #currentBootId: number | null = null;
  /** Null until there is one: most agents never have any. The newest last. */
  #others: readonly FormerBoot[] | null = null;

  /** Something came from the boot. `foundClone`: the boot that turned out to be a copy; `isClone`: it is one itself. */
  seen(bootId: number, nowMs: number): { readonly isClone: boolean; readonly foundClone: number | null } {
    const current = this.#currentBootId;
    const former = this.#others?.find((other) => other.bootId === bootId);
    if (former?.isClone === true) return { isClone: true, foundClone: null };
    if (bootId === current) return { isClone: false, foundClone: null };
    if (former === undefined) {
      this.#currentBootId = bootId;
      if (current !== null) this.#remember({ bootId: current, supersededAtMs: nowMs, isClone: false });
      return { isClone: false, foundClone: null };
    }
    if (current === null || nowMs - former.supersededAtMs <= lateMs) return { isClone: false, foundClone: null };
    this.markClone(current, bootId, nowMs);
    return { isClone: false, foundClone: current };
  }

  isClone(bootId: number): boolean {
    return this.#others?.some((other) => other.bootId === bootId && other.isClone) === true;
  }

  /** Both are alive: `bootId` came later and is the copy, `keeper` keeps the agent id. */
  markClone(bootId: number, keeper: number, nowMs: number): void {
    this.#currentBootId = keeper;
    this.#others = (this.#others ?? []).filter((other) => other.bootId !== keeper);
    this.#remember({ bootId, supersededAtMs: nowMs, isClone: true });
  }

  #remember(boot: FormerBoot): void {
    const others = (this.#others ?? []).filter((other) => other.bootId !== boot.bootId);
    this.#others = [...others, boot].slice(-maxOthers);
  }
}
