import { createHash } from 'node:crypto';
import type { Database } from '../../database/database.ts';
import type { StoredAccount } from '../../database/stores/account-store.ts';
import { loadAccounts } from '../../database/stores/account-store.ts';
import type { StoredApiToken } from '../../database/stores/api-token-store.ts';
import { loadApiTokens } from '../../database/stores/api-token-store.ts';

/** Accounts and API tokens as they are stored, in memory for every request. Read again after each commit. */
export class People {
  readonly #database: Database;
  readonly #onChanged: () => void;
  #accounts: readonly StoredAccount[] = [];
  #accountById = new Map<string, StoredAccount>();
  #accountByKey = new Map<string, StoredAccount>();
  #tokens: readonly StoredApiToken[] = [];
  #tokenById = new Map<string, StoredApiToken>();
  #tokenByHash = new Map<string, StoredApiToken>();
  #lastChange: Promise<void> = Promise.resolve();

  private constructor(database: Database, onChanged: () => void) {
    this.#database = database;
    this.#onChanged = onChanged;
  }

  /** `onChanged` is called when they may be others than before. */
  static async load(database: Database, onChanged: () => void): Promise<People> {
    const people = new People(database, onChanged);
    await people.#reload();
    return people;
  }

  /** In the order of their names. */
  get accounts(): readonly StoredAccount[] {
    return this.#accounts;
  }

  /** The newest first. */
  get tokens(): readonly StoredApiToken[] {
    return this.#tokens;
  }

  account(id: string): StoredAccount | null {
    return this.#accountById.get(id) ?? null;
  }

  accountOfKey(nameKey: string): StoredAccount | null {
    return this.#accountByKey.get(nameKey) ?? null;
  }

  token(id: string): StoredApiToken | null {
    return this.#tokenById.get(id) ?? null;
  }

  tokenOf(secret: string): StoredApiToken | null {
    return this.#tokenByHash.get(sha256Of(secret)) ?? null;
  }

  /**
   * Runs changes one after the other, so that what one checks (the last administrator, a name that is free) still holds when
   * it writes; what it wrote is known when this resolves.
   */
  change<Result>(action: () => Promise<Result>): Promise<Result> {
    const done = this.#lastChange.then(async () => {
      const result = await action();
      await this.#reload();
      this.#onChanged();
      return result;
    });
    this.#lastChange = done.then(
      () => undefined,
      () => undefined, // told to whoever wanted the change
    );
    return done;
  }

  async #reload(): Promise<void> {
    const accounts = await loadAccounts(this.#database);
    const tokens = await loadApiTokens(this.#database);
    this.#accounts = accounts;
    this.#accountById = new Map(accounts.map((account) => [account.id, account]));
    this.#accountByKey = new Map(accounts.map((account) => [account.nameKey, account]));
    this.#tokens = tokens;
    this.#tokenById = new Map(tokens.map((token) => [token.id, token]));
    this.#tokenByHash = new Map(tokens.map((token) => [token.secretSha256, token]));
  }
}

/** Tokens have 256 random bits: a plain hash hides them well enough. */
export function sha256Of(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
