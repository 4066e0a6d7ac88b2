import type { BlockSet } from '../base/block-set.ts';
import type { PackageGuid, PackageKey } from '../base/ids.ts';
import type { AgentContext } from './agent-context.ts';
import type { CommandResult } from './pending-commands.ts';
import type { PackageManifest } from './ports.ts';

export type DiskFailureCode = 'disk-full' | 'disk-error';

export interface PackageStepsOwner {
  /** Room for what is missing; `done` gets null, or in a sentence why there is none. */
  makeRoom(done: (problem: string | null) => void): void;
  snapshotReceived(manifest: PackageManifest): void;
  /** `isFinal`: the server has answered, and will not answer otherwise soon. */
  snapshotFailed(detail: string, isFinal: boolean): void;
  opened(blocks: BlockSet): void;
  /** The store does not know the package any more: somebody has deleted its folder, or its deletion was under way still. */
  snapshotMissing(): void;
  /** The files are in place. */
  finished(): void;
  diskFailed(code: DiskFailureCode, detail: string): void;
}

/**
 * What server and disk do for one package before and after its blocks are fetched: snapshot, room, open files; files in
 * their place. One step at a time, each answered by one call of the owner, and by none that was begun before `stop`.
 */
export class PackageSteps {
  readonly #context: AgentContext;
  readonly #owner: PackageStepsOwner;
  #isUnderWay = false;
  #stops = 0;

  constructor(context: AgentContext, owner: PackageStepsOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  stop(): void {
    this.#isUnderWay = false;
    this.#stops++;
  }

  /** Until the files are open; begins with the snapshot unless that is here. */
  prepare(
    { key, guid, version }: { readonly key: PackageKey; readonly guid: PackageGuid; readonly version: string },
    hasSnapshot: boolean,
  ): void {
    this.#isUnderWay = true;
    if (hasSnapshot) {
      this.#open(key);
      return;
    }
    const commandId = this.#begin((result) => {
      if (result.kind === 'snapshotReceived') {
        this.#owner.snapshotReceived(result.manifest);
        this.#open(key);
      } else if (result.kind === 'serverFailed') {
        this.#isUnderWay = false;
        this.#owner.snapshotFailed(result.detail, result.code === 'invalid-snapshot' || result.code === 'refused');
      }
    });
    this.#context.ports.server.fetchSnapshot(commandId, guid, version);
  }

  finish(key: PackageKey): void {
    this.#isUnderWay = true;
    const commandId = this.#begin((result) => {
      this.#isUnderWay = false;
      if (result.kind === 'storeFinished') this.#owner.finished();
      else this.#noteDiskFailure(result);
    });
    this.#context.ports.store.finish(commandId, key);
  }

  #open(key: PackageKey): void {
    const stops = this.#stops;
    this.#owner.makeRoom((problem) => {
      if (this.#stops !== stops) return;
      if (problem === null) this.#openStore(key);
      else {
        this.#isUnderWay = false;
        this.#owner.diskFailed('disk-full', problem);
      }
    });
  }

  #openStore(key: PackageKey): void {
    const commandId = this.#begin((result) => {
      this.#isUnderWay = false;
      if (result.kind === 'storeOpened') this.#owner.opened(result.blocks);
      else this.#noteDiskFailure(result);
    });
    this.#context.ports.store.open(commandId, key);
  }

  #noteDiskFailure(result: CommandResult): void {
    if (result.kind !== 'storeFailed') return;
    if (result.code === 'snapshot-missing') {
      this.#owner.snapshotMissing();
      return;
    }
    this.#owner.diskFailed(result.code === 'disk-full' ? 'disk-full' : 'disk-error', result.detail);
  }

  #begin(onResult: (result: CommandResult) => void): number {
    const stops = this.#stops;
    return this.#context.commands.begin((result) => {
      if (this.#stops === stops) onResult(result);
    });
  }
}
