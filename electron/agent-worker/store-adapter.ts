import type { AgentInput } from '../../shared/agent/agent-input.ts';
import type { CommandId, StorePort } from '../../shared/agent/ports.ts';
import type { PackageKey } from '../../shared/base/ids.ts';
import { packagePathsProblem } from '../../shared/contracts/package-path.ts';
import type { BlockStore } from './block-store.ts';
import { diskFailureOf } from './durable-files.ts';

type StoreFailureCode = Extract<AgentInput, { readonly kind: 'storeFailed' }>['code'];

/** Store port over the block store: commands for one package are carried out one after the other. */
export class StoreAdapter implements StorePort {
  readonly #store: BlockStore;
  readonly #push: (input: AgentInput) => void;
  readonly #lastOfPackage = new Map<PackageKey, Promise<void>>();

  constructor(store: BlockStore, push: (input: AgentInput) => void) {
    this.#store = store;
    this.#push = push;
    store.onBlocksLost = (key, blocks) => push({ kind: 'blocksLost', key, blocks });
  }

  open(commandId: CommandId, key: PackageKey): void {
    this.#inOrder(commandId, key, async () => {
      const stored = await this.#store.findOnDisk(key);
      if (stored === null) return this.#fail(commandId, 'snapshot-missing', 'the snapshot is not in the store');
      const pathProblem = packagePathsProblem(stored.snapshot.files.map(({ path }) => path));
      if (pathProblem !== null) return this.#fail(commandId, 'path-refused', pathProblem);
      const opened = await stored.open();
      if (opened.ok) this.#push({ kind: 'storeOpened', commandId, blocks: opened.value });
      else this.#fail(commandId, opened.error.code, opened.error.detail);
    });
  }

  finish(commandId: CommandId, key: PackageKey): void {
    this.#inOrder(commandId, key, async () => {
      const stored = await this.#store.findOnDisk(key);
      if (stored === null) return this.#fail(commandId, 'snapshot-missing', 'the package is not in the store');
      const finished = await stored.finish();
      if (finished.ok) this.#push({ kind: 'storeFinished', commandId });
      else this.#fail(commandId, finished.error.code, finished.error.detail);
    });
  }

  drop(commandId: CommandId, key: PackageKey): void {
    this.#inOrder(commandId, key, async () => {
      await this.#store.drop(key);
      this.#push({ kind: 'storeDropped', commandId });
    });
  }

  retire(commandId: CommandId, key: PackageKey, deliveryId: string): void {
    this.#inOrder(commandId, key, async () => {
      await this.#store.retire(key, deliveryId);
      this.#push({ kind: 'storeDropped', commandId });
    });
  }

  measure(commandId: CommandId): void {
    this.#store.measure().then(
      (facts) => this.#push({ kind: 'storeMeasured', commandId, ...facts }),
      (error: unknown) => {
        const { code, detail } = diskFailureOf(error);
        this.#fail(commandId, code, detail);
      },
    );
  }

  noteUse(key: PackageKey, atWallMs: number): void {
    // Where it fails the package counts as unused for a little longer than it was.
    this.#store.noteUse(key, atWallMs).catch(() => undefined);
  }

  /** Resolves when every command given so far is done. */
  async idle(): Promise<void> {
    await Promise.all(this.#lastOfPackage.values());
  }

  #inOrder(commandId: CommandId, key: PackageKey, run: () => Promise<void>): void {
    const before = this.#lastOfPackage.get(key) ?? Promise.resolve();
    const now = before.then(run).catch((error: unknown) => {
      const { code, detail } = diskFailureOf(error);
      this.#fail(commandId, code, detail);
    });
    this.#lastOfPackage.set(key, now);
    void now.then(() => {
      if (this.#lastOfPackage.get(key) === now) this.#lastOfPackage.delete(key);
    });
  }

  #fail(commandId: CommandId, code: StoreFailureCode, detail: string): void {
    this.#push({ kind: 'storeFailed', commandId, code, detail });
  }
}
