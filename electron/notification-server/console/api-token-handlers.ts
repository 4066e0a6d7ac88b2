import { randomBytes, randomUUID } from 'node:crypto';
import type { ApiToken } from '../../../shared/contracts/people-api.ts';
import { accountNameKey } from '../../../shared/contracts/people-api.ts';
import type { StoredApiToken } from '../../database/stores/api-token-store.ts';
import { deleteApiToken, insertApiToken } from '../../database/stores/api-token-store.ts';
import { sha256Of } from '../people/people.ts';
import { Refusal } from '../refusal.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';
import { writeAudited } from './console-handler.ts';
import type { PeopleParts } from './session-handlers.ts';

type ApiTokenRoutes = 'apiTokens' | 'createApiToken' | 'revokeApiToken';

const dayMs = 24 * 60 * 60 * 1000;
/** All are in memory and in one answer. */
const maximumTokens = 1000;

/** What programs sign in with. The token itself is told once, and kept nowhere. */
export function apiTokenHandlers(parts: HandlerParts, who: PeopleParts): Pick<ConsoleHandlers, ApiTokenRoutes> {
  const { people } = who;
  return {
    apiTokens: () => people.tokens.map(shownToken),
    createApiToken: async ({ body: { name, scope, expiresInDays }, signedIn }) => {
      const nowMs = parts.now();
      const secret = randomBytes(32).toString('base64url');
      const token: StoredApiToken = {
        id: randomUUID(),
        name,
        nameKey: accountNameKey(name),
        scope,
        secretSha256: sha256Of(secret),
        accountId: signedIn.accountId,
        createdAtMs: nowMs,
        createdBy: signedIn.name,
        expiresAtMs: nowMs + expiresInDays * dayMs,
        lastUsedMs: null,
      };
      if (signedIn.token !== null && signedIn.token.expiresAtMs < token.expiresAtMs) {
        const message = 'A token makes no token that is valid for longer than itself.';
        throw new Refusal('invalid-request', message, { fields: [{ path: 'expiresInDays', message }] });
      }
      await people.change(async () => {
        const valid = people.tokens.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
        if (valid.some(({ nameKey }) => nameKey === token.nameKey)) {
          const message = `There is another token called "${name}".`;
          throw new Refusal('conflict', message, { fields: [{ path: 'name', message }] });
        }
        if (valid.length >= maximumTokens) {
          throw new Refusal('conflict', `A server has at most ${maximumTokens} API tokens. Revoke one first.`);
        }
        const change = { who: signedIn.name, action: 'create-api-token', subject: name, before: null };
        await writeAudited(parts, { ...change, after: auditedToken(token) }, (transaction) =>
          insertApiToken(transaction, token),
        );
      });
      return { ...shownToken(token), token: secret };
    },
    revokeApiToken: async ({ params: { id }, signedIn }) => {
      await people.change(async () => {
        const token = people.token(id);
        if (token === null) throw new Refusal('not-found', 'There is no such API token.');
        const change = { who: signedIn.name, action: 'revoke-api-token', subject: token.name, after: null };
        await writeAudited(parts, { ...change, before: auditedToken(token) }, (transaction) =>
          deleteApiToken(transaction, id),
        );
      });
    },
  };
}

function shownToken(token: StoredApiToken): ApiToken {
  const { id, name, scope, createdAtMs, createdBy, expiresAtMs, lastUsedMs } = token;
  return { id, name, scope, createdAtMs, createdBy, expiresAtMs, lastUsedMs };
}

function auditedToken({ name, scope, expiresAtMs }: StoredApiToken) {
  return { name, scope, expiresAtMs };
}
