import { TokenBucket } from '../../../shared/base/token-bucket.ts';
import { Refusal } from '../refusal.ts';

/** A console asks some times a second at most, a script that waits for something ten times: ten times more is a mistake. */
const requestsPerSecond = 200;
const burst = 1000;
/** Sessions, tokens and addresses together; who is not among them any more starts with a full bucket. */
const maximumCallers = 4096;

/** So many requests for each session, token or address of nobody: one that runs wild must not take the server from others. */
export class RequestLimits {
  readonly #buckets = new Map<string, TokenBucket>();

  /** Counts a request; throws a `Refusal` where there were too many. */
  take(caller: string, nowMs: number): void {
    const bucket = this.#buckets.get(caller) ?? new TokenBucket(requestsPerSecond, burst, nowMs);
    this.#buckets.delete(caller);
    this.#buckets.set(caller, bucket);
    const oldest = this.#buckets.keys().next();
    if (this.#buckets.size > maximumCallers && oldest.done !== true) this.#buckets.delete(oldest.value);
    const waitMs = bucket.take(1, nowMs);
    if (waitMs === 0) return;
    // What is refused costs nothing, so that whoever waits as told gets through.
    bucket.take(-1, nowMs);
    throw new Refusal('too-many-requests', `More than ${requestsPerSecond} requests a second are not answered.`, {
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
    });
  }
}
