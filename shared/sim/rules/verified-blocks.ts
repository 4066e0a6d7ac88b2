import type { PackageKey } from '../../base/ids.ts';
import type { Computer } from '../computer.ts';
import type { World } from '../world.ts';

/** What went through the check of its hash where, kept apart from the disks that are checked by it. */
export class VerifiedBlocks {
  readonly #computers = new Map<string, Set<Computer>>();

  constructor(world: World) {
    const before = world.onBlockStored;
    world.onBlockStored = (computer, key, block) => {
      this.#note(computer, key, block);
      before(computer, key, block);
    };
  }

  has(computer: Computer, key: PackageKey, block: number): boolean {
    return this.#computers.get(`${key} ${block}`)?.has(computer) ?? false;
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
  }
}
