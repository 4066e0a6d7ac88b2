import type { CommandId, StorePort } from '../agent/ports.ts';
import type { PackageKey } from '../base/ids.ts';
import type { AgentLife } from './agent-life.ts';

/** A store without bytes: it knows which blocks are there, on a disk that outlives the agent's process. */
export class SimulatedStore implements StorePort {
  readonly #life: AgentLife;

  constructor(life: AgentLife) {
    this.#life = life;
  }

  open(commandId: CommandId, key: PackageKey): void {
    this.#run(commandId, () => {
      const stored = this.#life.computer.disk.find(key);
      if (stored === null) {
        this.#fail(commandId, 'the snapshot is not there', 'snapshot-missing');
        return;
      }
      stored.isOpen = true;
      this.#life.complete(0, { kind: 'storeOpened', commandId, blocks: stored.blocks.clone() });
    });
  }

  finish(commandId: CommandId, key: PackageKey): void {
    this.#run(commandId, () => {
      const stored = this.#life.computer.disk.find(key);
      if (stored === null || !stored.blocks.isFull) {
        this.#fail(commandId, 'blocks are missing');
        return;
      }
      stored.isFinished = true;
      this.#life.world.onDiskChanged(this.#life.computer);
      this.#life.complete(0, { kind: 'storeFinished', commandId });
    });
  }

  drop(commandId: CommandId, key: PackageKey): void {
    this.#run(commandId, () => {
      this.#life.computer.disk.drop(key);
      this.#life.world.onDiskChanged(this.#life.computer);
      this.#life.complete(0, { kind: 'storeDropped', commandId });
    });
  }

  retire(commandId: CommandId, key: PackageKey, deliveryId: string): void {
    this.#run(commandId, () => {
      this.#life.computer.disk.retire(key, deliveryId);
      this.#life.world.onDiskChanged(this.#life.computer);
      this.#life.complete(0, { kind: 'storeDropped', commandId });
    });
  }

  measure(commandId: CommandId): void {
    this.#run(commandId, () => {
      this.#life.complete(0, { kind: 'storeMeasured', commandId, ...this.#life.computer.disk.facts });
    });
  }

  noteUse(key: PackageKey, atWallMs: number): void {
    this.#life.computer.disk.noteUse(key, atWallMs);
  }

  #run(commandId: CommandId, work: () => void): void {
    this.#life.beginCommand(commandId);
    this.#life.world.time.after(this.#life.world.network.storeDelayUs, () => {
      if (!this.#life.isOver) work();
    });
  }

  #fail(commandId: CommandId, detail: string, code: 'disk-error' | 'snapshot-missing' = 'disk-error'): void {
    this.#life.complete(0, { kind: 'storeFailed', commandId, code, detail });
  }
}
