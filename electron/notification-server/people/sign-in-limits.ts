/** How one kind of failure slows the next attempt down. */
interface Slowing {
  /** This many cost nothing: fingers slip. */
  readonly freeFailures: number;
  readonly firstPauseMs: number;
}

interface Failures {
  count: number;
  lastAtMs: number;
}

/** Each further failure doubles the pause, up to this. */
const longestPauseMs = 15 * 60 * 1000;
const forgottenAfterMs = 24 * 60 * 60 * 1000;
/** Of each kind. Whoever floods the names is slowed down by the address long before this is full. */
const maximumRemembered = 10_000;
const forNames: Slowing = { freeFailures: 4, firstPauseMs: 2000 };
/** Everybody on the console's own computer shares one address. */
const forAddresses: Slowing = { freeFailures: 40, firstPauseMs: 1000 };

/**
 * Pauses after failed sign-ins: for each name, known or not, and for each address. An attempt counts as failed from its
 * beginning, so that many at the same moment are no way around. Knows no clock, checks no passwords.
 */
export class SignInLimits {
  readonly #names = new Map<string, Failures>();
  readonly #addresses = new Map<string, Failures>();

  /**
   * 0 = go on, and tell how it ended; otherwise nothing was counted: how many milliseconds to wait.
   * @param nameKey null = an attempt that names nobody
   */
  begin(nameKey: string | null, address: string, nowMs: number): number {
    const pauseMs = Math.max(
      pauseOf(nameKey === null ? undefined : this.#names.get(nameKey), forNames, nowMs),
      pauseOf(this.#addresses.get(address), forAddresses, nowMs),
    );
    if (pauseMs > 0) return pauseMs;
    if (nameKey !== null) count(this.#names, nameKey, nowMs);
    count(this.#addresses, address, nowMs);
    return 0;
  }

  /** The name starts anew. The address only gets this attempt back: an own account is no way to try others'. */
  succeeded(nameKey: string, address: string): void {
    this.#names.delete(nameKey);
    giveBack(this.#addresses, address);
  }

  /** Nothing was tried after all. */
  takeBack(nameKey: string, address: string): void {
    giveBack(this.#names, nameKey);
    giveBack(this.#addresses, address);
  }

  get remembered(): number {
    return this.#names.size + this.#addresses.size;
  }
}

function pauseOf(failures: Failures | undefined, { freeFailures, firstPauseMs }: Slowing, nowMs: number): number {
  if (failures === undefined || failures.count <= freeFailures) return 0;
  const doublings = Math.min(failures.count - freeFailures - 1, 30);
  const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** doublings);
  // A clock that went back makes no pause longer than it was.
  return Math.min(pauseMs, Math.max(0, failures.lastAtMs + pauseMs - nowMs));
}

function giveBack(failures: Map<string, Failures>, key: string): void {
  const known = failures.get(key);
  if (known === undefined) return;
  known.count--;
  if (known.count === 0) failures.delete(key);
}

function count(failures: Map<string, Failures>, key: string, nowMs: number): void {
  const known = failures.get(key);
  const isFresh = known !== undefined && nowMs - known.lastAtMs < forgottenAfterMs;
  failures.delete(key);
  failures.set(key, { count: isFresh ? known.count + 1 : 1, lastAtMs: nowMs });
  const oldest = failures.keys().next();
  if (failures.size > maximumRemembered && oldest.done !== true) failures.delete(oldest.value);
}
