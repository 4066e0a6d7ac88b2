import type { PackageKey } from '../../base/ids.ts';
import type { Computer } from '../computer.ts';
import type { World } from '../world.ts';

/** What went through the check of its hash where, kept apart from the disks that are checked by it. */
export class VerifiedBlocks {
  readonly #computers = new Map<string, Set<Computer>>();
  /** Of those, whose disk has lost it since. */
  readonly #losers = new Map<string, Set<Computer>>();

  constructor(world: World) {
    const before = world.onBlockStored;
    world.onBlockStored = (computer, key, block) => {
      this.#note(computer, key, block);
      before(computer, key, block);
    };
    const lostBefore = world.onBlocksLost;
    world.onBlocksLost = (computer, key, blocks) => {
      for (const block of blocks) this.#noteLost(computer, `${key} ${block}`);
      lostBefore(computer, key, blocks);
    };
  }

  has(computer: Computer, key: PackageKey, block: number): boolean {
    const id = `${key} ${block}`;
    return this.#computers.get(id)?.has(computer) === true && this.#losers.get(id)?.has(computer) !== true;
  }

  /** Whether any other computer ever had it. */
  isElsewhere(computer: Computer, key: PackageKey, block: number): boolean {
    const computers = this.#computers.get(`${key} ${block}`);
    return computers !== undefined && computers.size > (computers.has(computer) ? 1 : 0);
  }

  #note(computer: Computer, key: PackageKey, block: number): void {
    const id = `${key} ${block}`;
    const known = this.#computers.get(id);
    if (known === undefined) this.#computers.set(id, new Set([computer]));
    else known.add(computer);
    this.#losers.get(id)?.delete(computer);
  }

  #noteLost(computer: Computer, id: string): void {
    const known = this.#losers.get(id);
    if (known === undefined) this.#losers.set(id, new Set([computer]));
    else known.add(computer);
  }
}
