import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';

/** Of one agent, over all its packages: enough for what is served and fetched at a time, few enough for 64 agents a process. */
const defaultMaxOpen = 32;

interface OpenFile {
  readonly handle: FileHandle;
  users: number;
}

/** Open files that are used again, the longest unused closed first. More than the maximum are open only while they are in use. */
export class OpenFiles {
  readonly #maxOpen: number;
  /** In the order of use, the oldest first. */
  readonly #open = new Map<string, OpenFile>();

  constructor(maxOpen = defaultMaxOpen) {
    this.#maxOpen = maxOpen;
  }

  /** `flags` as for `open`; a file that is open already stays as it was opened. Throws on disk errors. */
  async use<Value>(file: string, flags: string | number, run: (handle: FileHandle) => Promise<Value>): Promise<Value> {
    const opened = await this.#take(file, flags);
    try {
      return await run(opened.handle);
    } finally {
      opened.users--;
      await this.#closeUnused();
    }
  }

  /** Closes what is open in a folder, at any depth. Whoever still uses such a file fails. */
  async closeBelow(folder: string): Promise<void> {
    for (const [file, { handle }] of [...this.#open]) {
      if (!file.startsWith(folder)) continue;
      this.#open.delete(file);
      await handle.close();
    }
  }

  /** Counted as in use already, so that nobody closes it in between. */
  async #take(file: string, flags: string | number): Promise<OpenFile> {
    let opened = this.#open.get(file);
    if (opened === undefined) {
      const handle = await open(file, flags);
      const meanwhile = this.#open.get(file);
      if (meanwhile !== undefined) await handle.close();
      opened = meanwhile ?? { handle, users: 0 };
    }
    this.#open.delete(file);
    this.#open.set(file, opened);
    opened.users++;
    return opened;
  }

  async #closeUnused(): Promise<void> {
    for (const [file, { handle, users }] of [...this.#open]) {
      if (this.#open.size <= this.#maxOpen) return;
      if (users > 0) continue;
      this.#open.delete(file);
      await handle.close();
    }
  }
}
