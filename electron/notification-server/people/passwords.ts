import type { ScryptOptions } from 'node:crypto';
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { StoredPassword } from '../../database/stores/account-store.ts';
import { Refusal } from '../refusal.ts';

/** 32 MiB and some tenths of a second of one core: the middle one of OWASP's equal choices (Password Storage Cheat Sheet, scrypt). */
const usualCost = 32_768;
const otherParameters = { blockSize: 8, parallelization: 3 } as const;
const saltBytes = 16;
const hashBytes = 32;
/** More would take every thread of the pool that files need as well. */
const maximumAtATime = 2;
/** More waiting than this takes longer than anybody waits for a sign-in page. */
const maximumWaiting = 32;

/** Makes and checks hashes of passwords in the thread pool, so many at a time. Knows no accounts. */
export class Passwords {
  readonly #parameters: Parameters;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** @param cost of new hashes: a power of two */
  constructor(cost = usualCost) {
    this.#parameters = { cost, ...otherParameters };
  }

  async hash(password: string): Promise<StoredPassword> {
    const salt = randomBytes(saltBytes);
    const hash = await this.#derive(password, salt, this.#parameters);
    return {
      kind: 'scrypt',
      ...this.#parameters,
      saltBase64: salt.toString('base64'),
      hashBase64: hash.toString('base64'),
    };
  }

  /** Null = nobody's password: false after the same work, so that time does not tell which names exist. */
  async verify(password: string, stored: StoredPassword | null): Promise<boolean> {
    const salt = stored === null ? randomBytes(saltBytes) : Buffer.from(stored.saltBase64, 'base64');
    const hash = await this.#derive(password, salt, stored ?? this.#parameters);
    if (stored === null) return false;
    const expected = Buffer.from(stored.hashBase64, 'base64');
    return expected.length === hash.length && timingSafeEqual(expected, hash);
  }

  /** Whether the hash was made with other parameters than new ones are. */
  isOutdated(stored: StoredPassword): boolean {
    const { cost, blockSize, parallelization } = this.#parameters;
    return stored.cost !== cost || stored.blockSize !== blockSize || stored.parallelization !== parallelization;
  }

  async #derive(password: string, salt: Buffer, { cost, blockSize, parallelization }: Parameters): Promise<Buffer> {
    await this.#enter();
    try {
      return await deriveKey(password.normalize('NFKC'), salt, {
        cost,
        blockSize,
        parallelization,
        // Twice what it takes (RFC 7914, section 2), where the default would refuse.
        maxmem: 256 * blockSize * (cost + parallelization + 2),
      });
    } finally {
      // The place goes to who waits, so that nobody who comes now takes it as well.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < maximumAtATime) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= maximumWaiting) {
      throw new Refusal('busy', 'Too many people sign in at this moment.', { retryAfterSeconds: 5 });
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

type Parameters = Pick<StoredPassword, 'cost' | 'blockSize' | 'parallelization'>;

function deriveKey(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, hashBytes, options, (error, hash) => (error === null ? resolve(hash) : reject(error)));
  });
}
