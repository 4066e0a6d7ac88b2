import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { PackageKey } from '../../../shared/base/ids.ts';
import { Refusal } from '../refusal.ts';
import type { PackageLibrary } from './package-library.ts';

/** The answers that are being sent from the library, so that they can be counted and broken off. */
export class AnswersUnderWay {
  readonly #library: PackageLibrary;
  readonly #active = new Map<ServerResponse, PackageKey>();

  constructor(library: PackageLibrary) {
    this.#library = library;
  }

  get size(): number {
    return this.#active.size;
  }

  /** Opens the content for `send`. What fails before the head can be refused, after it the answer can only be broken off. */
  async during(key: PackageKey, response: ServerResponse, send: (content: FileHandle) => Promise<void>): Promise<void> {
    this.#active.set(response, key);
    try {
      const content = await this.#library.openContent(key).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        // Restored from a backup without packages.
        throw new Refusal('not-available', 'The files of this package are not on the server.');
      });
      try {
        await send(content);
      } finally {
        await content.close();
      }
    } catch (error) {
      if (response.headersSent) response.destroy();
      throw error;
    } finally {
      this.#active.delete(response);
    }
  }

  /** A withdrawn version stops in the middle. */
  breakOff(key: PackageKey): void {
    for (const [response, sent] of this.#active) if (sent === key) response.destroy();
  }

  stop(): void {
    for (const response of this.#active.keys()) response.destroy();
  }
}
