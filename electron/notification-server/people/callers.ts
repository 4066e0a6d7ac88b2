import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Scope } from '../../../shared/contracts/people-api.ts';
import { isAllowed } from '../../../shared/contracts/people-api.ts';
import type { StoredApiToken } from '../../database/stores/api-token-store.ts';
import type { People } from './people.ts';
import { sha256Of } from './people.ts';
import type { ConsoleSession, Sessions } from './sessions.ts';

export interface SignedIn {
  /** Stands in the audit trail. */
  readonly name: string;
  readonly role: Scope;
  readonly kind: 'account' | 'local' | 'token';
  /** What its requests are counted by: one session, one token. */
  readonly key: string;
  /** Whose account it is; null = the local administrator. */
  readonly accountId: string | null;
  readonly session: ConsoleSession | null;
  readonly token: StoredApiToken | null;
}

const localAdministrator = { name: 'local administrator', role: 'administrator', kind: 'local' } as const;
const commandLine: SignedIn = {
  name: 'command line',
  role: 'administrator',
  kind: 'local',
  key: 'command line',
  accountId: null,
  session: null,
  token: null,
};

/** Who asks, and whether they still may: roles are those of this moment, whenever somebody signed in. */
export class Callers {
  /** Bearer token of the administrator role; new at every start, told in `server.json`. */
  readonly apiToken = randomBytes(32).toString('base64url');
  readonly #apiTokenHash = Buffer.from(sha256Of(this.apiToken));
  readonly #people: People;
  readonly #sessions: Sessions;
  readonly #now: () => number;
  readonly #onTokenUse: (token: StoredApiToken) => void;

  constructor(people: People, sessions: Sessions, now: () => number, onTokenUse: (token: StoredApiToken) => void) {
    this.#people = people;
    this.#sessions = sessions;
    this.#now = now;
    this.#onTokenUse = onTokenUse;
  }

  ofCookie(cookie: string): SignedIn | null {
    const session = this.#sessions.ofCookie(cookie);
    return session === null ? null : this.ofSession(session);
  }

  ofBearer(secret: string): SignedIn | null {
    if (timingSafeEqual(Buffer.from(sha256Of(secret)), this.#apiTokenHash)) return commandLine;
    const token = this.#people.tokenOf(secret);
    const signedIn = token === null ? null : this.#ofToken(token);
    if (signedIn?.token != null) this.#onTokenUse(signedIn.token);
    return signedIn;
  }

  /** Null where the account is gone or disabled. */
  ofSession(session: ConsoleSession): SignedIn | null {
    const { id, accountId } = session;
    const more = { key: `session ${id}`, accountId, session, token: null };
    if (accountId === null) return { ...localAdministrator, ...more };
    const account = this.#people.account(accountId);
    if (account === null || account.isDisabled) return null;
    return { name: account.name, role: account.role, kind: 'account', ...more };
  }

  /** Whether who came in earlier would still come in now, as what they were. */
  isStillWelcome({ role, session, token }: SignedIn): boolean {
    if (session !== null) return this.#sessions.isOpen(session.id) && this.ofSession(session)?.role === role;
    if (token === null) return true;
    const current = this.#people.token(token.id);
    return current !== null && this.#ofToken(current)?.role === role;
  }

  /** A token can do no more than the account that made it, and nothing without it. */
  #ofToken(token: StoredApiToken): SignedIn | null {
    if (token.expiresAtMs <= this.#now()) return null;
    const account = token.accountId === null ? null : this.#people.account(token.accountId);
    if (token.accountId !== null && (account === null || account.isDisabled)) return null;
    const role = account === null || isAllowed(account.role, token.scope) ? token.scope : account.role;
    const { accountId } = token;
    return {
      name: `token ${token.name}`,
      role,
      kind: 'token',
      key: `token ${token.id}`,
      accountId,
      session: null,
      token,
    };
  }
}
