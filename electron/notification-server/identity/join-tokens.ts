import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '../../database/database.ts';
import { insertAuditEntry } from '../../database/stores/audit-store.ts';
import { insertJoinToken, isJoinTokenValid } from '../../database/stores/secret-store.ts';
import type { WriteBatcher } from '../../database/write-batcher.ts';

const validityMs = 24 * 60 * 60 * 1000;

/** Join tokens let computers enrol until they expire; any number may use the same one. */
export class JoinTokens {
  readonly #database: Database;
  readonly #writes: WriteBatcher;
  readonly #authorityKeyHash: string;

  constructor(database: Database, writes: WriteBatcher, authorityKeyHash: string) {
    this.#database = database;
    this.#writes = writes;
    this.#authorityKeyHash = authorityKeyHash;
  }

  /** `who` goes into the audit trail; the token itself does not. */
  async make(nowMs: number, who: string): Promise<{ readonly joinToken: string; readonly expiresAtMs: number }> {
    const secret = randomBytes(32).toString('base64url');
    const expiresAtMs = nowMs + validityMs;
    await this.#writes.write(async (transaction) => {
      await insertJoinToken(transaction, { secretSha256: hashOf(secret), createdAtMs: nowMs, expiresAtMs });
      await insertAuditEntry(transaction, {
        atMs: nowMs,
        who,
        action: 'make-join-token',
        subject: 'agents',
        before: null,
        after: { expiresAtMs },
      });
    });
    return { joinToken: `fanout1.${this.#authorityKeyHash}.${secret}`, expiresAtMs };
  }

  isValid(secret: string, nowMs: number): Promise<boolean> {
    return isJoinTokenValid(this.#database, hashOf(secret), nowMs);
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
