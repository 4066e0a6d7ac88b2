import { createHash, randomBytes, randomUUID } from 'node:crypto';

/** A browser that is signed in. */
export interface ConsoleSession {
  /** Names it; what signs in is the cookie. */
  readonly id: string;
  /** Null = the local administrator. */
  readonly accountId: string | null;
  readonly address: string;
  /** What the browser calls itself. */
  readonly client: string;
  readonly createdAtMs: number;
  readonly lastUsedMs: number;
}
export type SessionOrigin = Pick<ConsoleSession, 'address' | 'client'>;

const linkValidMs = 10 * 60 * 1000;
const idleMs = 12 * 60 * 60 * 1000;
/** However busy it is. */
const longestMs = 7 * 24 * 60 * 60 * 1000;
/** Links that nobody follows, and browsers that come and go: the oldest is dropped first. */
const maximumLinks = 100;
const maximumSessions = 1000;
/** Nobody pushes others out by signing in again and again. */
const maximumSessionsOfOne = 50;

/** Who is signed in with a browser, and the one-time links that sign in. Lost at a restart: everybody signs in again. */
export class Sessions {
  readonly #now: () => number;
  readonly #onEnded: () => void;
  /** By hash, in the order of making: the value is when it ends. */
  readonly #links = new Map<string, number>();
  /** By the cookie's hash, in the order of use. */
  readonly #sessions = new Map<string, ConsoleSession>();

  /** `onEnded` is called when sessions were ended before their time. */
  constructor(now: () => number, onEnded: () => void) {
    this.#now = now;
    this.#onEnded = onEnded;
  }

  makeLinkToken(): string {
    const token = randomBytes(32).toString('base64url');
    const oldest = this.#links.keys().next();
    if (this.#links.size >= maximumLinks && oldest.done !== true) this.#links.delete(oldest.value);
    this.#links.set(hashOf(token), this.#now() + linkValidMs);
    return token;
  }

  /** Whether the link was valid; it is not any more. */
  spendLinkToken(token: string): boolean {
    const hash = hashOf(token);
    const endsMs = this.#links.get(hash);
    this.#links.delete(hash);
    return endsMs !== undefined && endsMs > this.#now();
  }

  /** The new session, and the value of its cookie. */
  open(accountId: string | null, { address, client }: SessionOrigin): { session: ConsoleSession; cookie: string } {
    this.#dropExpired();
    const own = [...this.#sessions].filter(([, session]) => session.accountId === accountId);
    const surplus = own.length >= maximumSessionsOfOne ? own[0] : undefined;
    const oldest = surplus?.[0] ?? (this.#sessions.size >= maximumSessions ? this.#sessions.keys().next().value : null);
    if (oldest != null) this.#endWhere((hash) => hash === oldest);
    const nowMs = this.#now();
    const session = { id: randomUUID(), accountId, address, client, createdAtMs: nowMs, lastUsedMs: nowMs };
    const cookie = randomBytes(32).toString('base64url');
    this.#sessions.set(hashOf(cookie), session);
    return { session, cookie };
  }

  /** Counts as use. */
  ofCookie(cookie: string): ConsoleSession | null {
    const hash = hashOf(cookie);
    const session = this.#sessions.get(hash);
    if (session === undefined) return null;
    this.#sessions.delete(hash);
    const nowMs = this.#now();
    if (endOf(session) <= nowMs) return null;
    const used = { ...session, lastUsedMs: nowMs };
    this.#sessions.set(hash, used);
    return used;
  }

  /** Use that comes without the cookie: what a person does over the feed. */
  touch(id: string): void {
    const nowMs = this.#now();
    for (const [hash, session] of this.#sessions) {
      if (session.id === id && endOf(session) > nowMs) this.#sessions.set(hash, { ...session, lastUsedMs: nowMs });
    }
  }

  isOpen(id: string): boolean {
    return this.list().some((session) => session.id === id);
  }

  /** Used last comes last. */
  list(): readonly ConsoleSession[] {
    this.#dropExpired();
    return [...this.#sessions.values()];
  }

  /** Whether there was such a session. */
  end(id: string): boolean {
    return this.#endWhere((_hash, session) => session.id === id);
  }

  /** All of an account (null = the local administrator), but for one. */
  endAllOf(accountId: string | null, exceptId: string | null = null): void {
    this.#endWhere((_hash, session) => session.accountId === accountId && session.id !== exceptId);
  }

  #endWhere(isMeant: (hash: string, session: ConsoleSession) => boolean): boolean {
    const meant = [...this.#sessions].filter(([hash, session]) => isMeant(hash, session));
    for (const [hash] of meant) this.#sessions.delete(hash);
    if (meant.length > 0) this.#onEnded();
    return meant.length > 0;
  }

  #dropExpired(): void {
    const nowMs = this.#now();
    for (const [hash, session] of this.#sessions) if (endOf(session) <= nowMs) this.#sessions.delete(hash);
  }
}

/** When it ends without another use, in milliseconds since 1970. */
export function endOf({ createdAtMs, lastUsedMs }: ConsoleSession): number {
  return Math.min(lastUsedMs + idleMs, createdAtMs + longestMs);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
