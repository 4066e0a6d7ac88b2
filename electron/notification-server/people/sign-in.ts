import { accountNameKey } from '../../../shared/contracts/people-api.ts';
import type { StoredAccount } from '../../database/stores/account-store.ts';
import { saveSignIn } from '../../database/stores/account-store.ts';
import type { AuditDraft } from '../../database/stores/audit-store.ts';
import { insertAuditEntry } from '../../database/stores/audit-store.ts';
import type { WriteBatcher } from '../../database/write-batcher.ts';
import { Refusal } from '../refusal.ts';
import type { Passwords } from './passwords.ts';
import type { People } from './people.ts';
import type { SessionOrigin, Sessions } from './sessions.ts';
import { SignInLimits } from './sign-in-limits.ts';

export interface SignInParts {
  readonly people: People;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  readonly writes: WriteBatcher;
  readonly now: () => number;
}

type Opened = ReturnType<Sessions['open']>;

/** Lets people in, slows down who guesses, and writes down both. */
export class SignIn {
  readonly passwords: Passwords;
  readonly #parts: SignInParts;
  readonly #limits = new SignInLimits();

  constructor(parts: SignInParts) {
    this.#parts = parts;
    this.passwords = parts.passwords;
  }

  async byLink(token: string, origin: SessionOrigin): Promise<Opened> {
    const { sessions } = this.#parts;
    if (!sessions.spendLinkToken(token)) {
      this.#begin(null, origin.address);
      await this.#auditFailure('one-time link', origin);
      throw new Refusal('not-signed-in', 'This sign-in link was used already or is older than 10 minutes.');
    }
    const opened = sessions.open(null, origin);
    await this.#orEnd(opened, () =>
      this.#audit({ who: 'local administrator', action: 'sign-in', subject: 'one-time link', after: origin }),
    );
    return opened;
  }

  /** The same answer after the same work, whether the name, the password or the account itself is the reason. */
  async byPassword(name: string, password: string, origin: SessionOrigin): Promise<Opened> {
    const { people, sessions, now } = this.#parts;
    const account = people.accountOfKey(accountNameKey(name));
    if (!(await this.#isPasswordOf(account, accountNameKey(name), password, origin))) {
      // Who types the password into the field of the name must not find it in the audit trail.
      await this.#auditFailure(account?.name ?? 'unknown name', origin);
      throw new Refusal('not-signed-in', 'The name or the password is wrong, or the account is disabled.');
    }
    const known = account as StoredAccount;
    // Before anything else is waited for: a change of the account that comes now finds the session, and ends it.
    const opened = sessions.open(known.id, origin);
    await this.#orEnd(opened, async () => {
      const isOutdated = this.passwords.isOutdated(known.password);
      const renewed = isOutdated ? await this.passwords.hash(password) : known.password;
      await people.change(async () => {
        const current = people.account(known.id);
        if (current === null) return;
        const isSame = current.password.hashBase64 === known.password.hashBase64;
        const signedIn = { id: known.id, password: isSame ? renewed : current.password, lastSignInMs: now() };
        await this.#audit({ who: known.name, action: 'sign-in', subject: known.name, after: origin }, signedIn);
      });
    });
    return opened;
  }

  /** For somebody who is signed in and wants a new one; guessing it is slowed down and written down like any sign-in. */
  async requireOwnPassword(account: StoredAccount, password: string, origin: SessionOrigin): Promise<void> {
    if (await this.#isPasswordOf(account, account.nameKey, password, origin)) return;
    await this.#auditFailure(account.name, origin);
    const message = 'This is not your password.';
    throw new Refusal('invalid-request', message, { fields: [{ path: 'currentPassword', message }] });
  }

  /** Null = an unknown name. */
  async #isPasswordOf(
    account: StoredAccount | null,
    nameKey: string,
    password: string,
    { address }: SessionOrigin,
  ): Promise<boolean> {
    this.#begin(nameKey, address);
    const asked = account?.isDisabled === true ? null : account;
    let isRight: boolean;
    try {
      isRight = await this.passwords.verify(password, asked?.password ?? null);
    } catch (error) {
      this.#limits.takeBack(nameKey, address);
      throw error;
    }
    // The account may have become another one while its password was checked.
    const current = asked === null ? null : this.#parts.people.account(asked.id);
    const isCurrent = current?.password.hashBase64 === asked?.password.hashBase64 && current?.isDisabled === false;
    if (isRight && isCurrent) this.#limits.succeeded(nameKey, address);
    return isRight && isCurrent;
  }

  #begin(nameKey: string | null, address: string): void {
    const pauseMs = this.#limits.begin(nameKey, address, this.#parts.now());
    if (pauseMs === 0) return;
    const retryAfterSeconds = Math.ceil(pauseMs / 1000);
    throw new Refusal(
      'too-many-requests',
      `Too many sign-ins failed. Try again in ${retryAfterSeconds} s, or sign in with a one-time link.`,
      { retryAfterSeconds },
    );
  }

  /** A session whose beginning could not be written down does not begin. */
  async #orEnd({ session }: Opened, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#parts.sessions.end(session.id);
      throw error;
    }
  }

  #auditFailure(subject: string, origin: SessionOrigin): Promise<void> {
    return this.#audit({ who: 'nobody', action: 'sign-in-failed', subject, after: origin });
  }

  async #audit(
    entry: Omit<AuditDraft, 'atMs' | 'before'>,
    signedIn: Parameters<typeof saveSignIn>[1] | null = null,
  ): Promise<void> {
    await this.#parts.writes.write(async (transaction) => {
      if (signedIn !== null) await saveSignIn(transaction, signedIn);
      await insertAuditEntry(transaction, { atMs: this.#parts.now(), before: null, ...entry });
    });
  }
}
