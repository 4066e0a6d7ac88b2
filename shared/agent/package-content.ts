import type { BlockSet } from '../base/block-set.ts';
import type { PackageManifest } from './ports.ts';
import { Swarm } from './swarm.ts';

/** What is here of one package, and what its peers are known to hold of it. */
export class PackageContent {
  readonly #numbers: ConstructorParameters<typeof Swarm>[1];
  #manifest: PackageManifest | null = null;
  #blocks: BlockSet | null = null;
  #swarm: Swarm | null = null;
  #isResumed = false;
  #isComplete = false;

  /** `numbers`: of the subnet's agents, as its directory has them. */
  constructor(numbers: ConstructorParameters<typeof Swarm>[1]) {
    this.#numbers = numbers;
  }

  get manifest(): PackageManifest | null {
    return this.#manifest;
  }

  /** Null until the package's files were open once. */
  get blocks(): BlockSet | null {
    return this.#blocks;
  }

  get swarm(): Swarm | null {
    return this.#swarm;
  }

  /** Blocks of a former life were here at the start. */
  get isResumed(): boolean {
    return this.#isResumed;
  }

  /** Its files are in place: nothing is left to download. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** On the disk. */
  get heldBytes(): number {
    if (this.#manifest === null || this.#blocks === null) return 0;
    const { blockSizeBytes, totalSizeBytes } = this.#manifest;
    return Math.min(this.#blocks.count * blockSizeBytes, totalSizeBytes);
  }

  takeManifest(manifest: PackageManifest): void {
    this.#manifest = manifest;
    this.#swarm = new Swarm(manifest.blockCount, this.#numbers);
  }

  /** As the store found it when the agent started. */
  restore(manifest: PackageManifest, blocks: BlockSet, isComplete: boolean): void {
    this.takeManifest(manifest);
    this.#blocks = blocks;
    this.#isResumed = blocks.count > 0;
    this.#isComplete = isComplete;
  }

  /** Its files are open. */
  opened(blocks: BlockSet): void {
    this.#blocks = blocks;
  }

  /** These are not on the disk any more; how many of them were. */
  lose(lost: readonly number[]): number {
    if (this.#blocks === null) return 0;
    // Whoever fetches or tells of what was here goes by the set as it was.
    const left = this.#blocks.clone();
    for (const block of lost) if (block < left.size) left.delete(block);
    const lostCount = this.#blocks.count - left.count;
    if (lostCount === 0) return 0;
    this.#blocks = left;
    this.#isComplete = false;
    return lostCount;
  }

  completed(): void {
    this.#isComplete = true;
  }

  /** Nothing of it is on the disk any more. */
  forget(): void {
    this.#manifest = null;
    this.#blocks = null;
    this.#swarm = null;
    this.#isResumed = false;
    this.#isComplete = false;
  }
}
