import type { PackageKey } from '../../shared/base/ids.ts';

/** Whoever reads a damaged package finds one block after the other: they are told of together. */
const togetherMs = 2000;

/** Blocks of which somebody has found out that the disk does not hold them any more, until the agent is told. */
export class LostBlocks {
  readonly #tell: (key: PackageKey, blocks: readonly number[]) => void;
  readonly #untold = new Map<PackageKey, Set<number>>();
  #timer: NodeJS.Timeout | null = null;

  constructor(tell: (key: PackageKey, blocks: readonly number[]) => void) {
    this.#tell = tell;
  }

  note(key: PackageKey, block: number): void {
    const blocks = this.#untold.get(key) ?? new Set();
    this.#untold.set(key, blocks.add(block));
    this.#timer ??= setTimeout(() => this.#tellAll(), togetherMs);
  }

  /** Nobody is told any more. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#untold.clear();
  }

  #tellAll(): void {
    this.#timer = null;
    const untold = [...this.#untold];
    this.#untold.clear();
    for (const [key, blocks] of untold) this.#tell(key, [...blocks]);
  }
}
