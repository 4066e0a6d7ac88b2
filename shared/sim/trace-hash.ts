import { BlockSet } from '../base/block-set.ts';
import { bytesToHex, startSha256, utf8Bytes } from '../base/hashing.ts';

/** Lines are hashed in portions of about this many characters: one call per event would cost more than the event. */
const portionCharacters = 32_768;

/** SHA-256 over everything that happened, in order: two runs with the same hash did the same. */
export class TraceHash {
  readonly #hash = startSha256();
  #waiting = '';

  note(timeUs: number, sequence: number, subject: string, fields: unknown): void {
    this.#waiting += `${timeUs} ${sequence} ${subject} ${canonical(fields)}\n`;
    if (this.#waiting.length >= portionCharacters) this.#flush();
  }

  /** Ends the trace: nothing may be noted afterwards. */
  digest(): string {
    this.#flush();
    return bytesToHex(this.#hash.digest());
  }

  #flush(): void {
    this.#hash.update(utf8Bytes(this.#waiting));
    this.#waiting = '';
  }
}

/** The value as text, block sets as their ranges. Fields keep the order in which the program sets them. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) => (field instanceof BlockSet ? field.ranges() : field));
}
