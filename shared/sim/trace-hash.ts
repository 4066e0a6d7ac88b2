import { bytesToHex, startSha256 } from '../base/hashing.ts';
import { FieldMix } from './field-mix.ts';

/** Time and sequence as two words each, subject and fields as their mix. */
const wordsPerEvent = 6;
/** One call of SHA-256 per event would cost more than the event. */
const eventsPerPortion = 2048;
const twoTo32 = 4_294_967_296;

/**
 * SHA-256 over everything that happened, in order: of each event its time, its sequence, and a 64-bit mix of subject and fields.
 * Two runs with the same hash did the same.
 */
export class TraceHash {
  readonly #hash = startSha256();
  readonly #mix = new FieldMix();
  readonly #words = new DataView(new ArrayBuffer(4 * wordsPerEvent * eventsPerPortion));
  #waiting = 0;

  /** `subject`: whom it happened to. Fields are mixed in the order in which the program sets them. */
  note(timeUs: number, sequence: number, subject: number, event: string, fields: unknown): void {
    const mix = this.#mix;
    mix.start();
    mix.add(subject);
    mix.add(event);
    mix.add(fields);
    this.#put(timeUs / twoTo32);
    this.#put(timeUs);
    this.#put(sequence / twoTo32);
    this.#put(sequence);
    this.#put(mix.high);
    this.#put(mix.low);
    if (this.#waiting === this.#words.byteLength) this.#flush();
  }

  /** Of something that several events have in common: noted instead of it, at a fraction of the cost. */
  mixOf(fields: unknown): number {
    const mix = this.#mix;
    mix.start();
    mix.add(fields);
    return mix.high * 2_097_152 + (mix.low >>> 11);
  }

  /** Ends the trace: nothing may be noted afterwards. */
  digest(): string {
    this.#flush();
    return bytesToHex(this.#hash.digest());
  }

  /** The same on every machine, whatever its byte order. */
  #put(word: number): void {
    this.#words.setUint32(this.#waiting, word, true);
    this.#waiting += 4;
  }

  #flush(): void {
    this.#hash.update(new Uint8Array(this.#words.buffer, 0, this.#waiting));
    this.#waiting = 0;
  }
}
