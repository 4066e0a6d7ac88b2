import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Scope } from '../../../shared/contracts/people-api.ts';

export interface SignedIn {
  /** Stands in the audit trail. */
  readonly name: string;
  readonly role: Scope;
}

const linkValidMs = 10 * 60 * 1000;
const sessionIdleMs = 12 * 60 * 60 * 1000;
/** Links that nobody follows, and browsers that come and go: the oldest is dropped first. */
const maximumLinks = 100;
const maximumSessions = 1000;

/** Who may use the console: one-time links, the sessions that they open, and the token of the command line. */
export class Sessions {
  /** Bearer token of the administrator role; new at every start, told in `server.json`. */
  readonly apiToken = randomBytes(32).toString('base64url');
  readonly #now: () => number;
  /** By hash, in the order of making: the value is when it ends. */
  readonly #links = new Map<string, number>();
  readonly #sessions = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  makeLinkToken(): string {
    const token = randomBytes(32).toString('base64url');
    dropOldest(this.#links, maximumLinks);
    this.#links.set(hashOf(token), this.#now() + linkValidMs);
    return token;
  }

  /** The id of a new session (the cookie's value), or null where the token is unknown, used or too old. */
  signIn(token: string): string | null {
    const hash = hashOf(token);
    const endsMs = this.#links.get(hash);
    this.#links.delete(hash);
    if (endsMs === undefined || endsMs <= this.#now()) return null;
    const id = randomBytes(32).toString('base64url');
    dropOldest(this.#sessions, maximumSessions);
    this.#sessions.set(hashOf(id), this.#now() + sessionIdleMs);
    return id;
  }

  signOut(id: string): void {
    this.#sessions.delete(hashOf(id));
  }

  ofCookie(id: string): SignedIn | null {
    const hash = hashOf(id);
    const endsMs = this.#sessions.get(hash);
    if (endsMs === undefined) return null;
    this.#sessions.delete(hash);
    if (endsMs <= this.#now()) return null;
    this.#sessions.set(hash, this.#now() + sessionIdleMs);
    return { name: 'administrator', role: 'administrator' };
  }

  ofBearer(token: string): SignedIn | null {
    const isRight = timingSafeEqual(digestOf(token), digestOf(this.apiToken));
    return isRight ? { name: 'command line', role: 'administrator' } : null;
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function hashOf(text: string): string {
  return digestOf(text).toString('hex');
}

function dropOldest(map: Map<string, number>, maximum: number): void {
  if (map.size < maximum) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
