import type { PackageKey } from '../base/ids.ts';
import type { Computer } from './computer.ts';
import type { World } from './world.ts';

/**
 * Measures what a death of the first downloader would cost: the blocks that it holds or gets over the WAN and that no other
 * computer of its subnet ever stored. Taken when it asks for one more while another running agent there lacks the package.
 */
export class WindowMeter {
  /** Holders of each block, by subnet and key. */
  readonly #holders = new Map<string, Uint16Array>();
  readonly #largest = new Map<number, number>();

  noteStored(computer: Computer, key: PackageKey, block: number): void {
    const holders = this.#holdersOf(computer, key);
    holders[block] = (holders[block] ?? 0) + 1;
  }

  noteWanRequest(world: World, computer: Computer, key: PackageKey, block: number): void {
    const isFollowed = computer.subnet.computers.some(
      (other) => other !== computer && other.life !== null && other.disk.find(key)?.blocks.isFull === false,
    );
    if (!isFollowed) return;
    const holders = this.#holdersOf(computer, key);
    const blocks = new Set([block]);
    for (const sending of world.sendings) {
      if (sending.facts.from === null && sending.facts.to === computer) blocks.add(sending.facts.block);
    }
    const held = computer.disk.find(key)?.blocks;
    for (const [first, end] of held?.ranges() ?? []) {
      for (let index = first; index < end; index++) if ((holders[index] ?? 0) < 2) blocks.add(index);
    }
    const { index } = computer.subnet;
    this.#largest.set(index, Math.max(this.#largest.get(index) ?? 0, blocks.size));
  }

  /** Blocks; 0 where nobody asked for one while being followed. */
  largest(subnet: number): number {
    return this.#largest.get(subnet) ?? 0;
  }

  #holdersOf(computer: Computer, key: PackageKey): Uint16Array {
    const id = `${computer.subnet.index} ${key}`;
    const known = this.#holders.get(id);
    if (known !== undefined) return known;
    const made = new Uint16Array(computer.disk.find(key)?.blocks.size ?? 0);
    this.#holders.set(id, made);
    return made;
  }
}
