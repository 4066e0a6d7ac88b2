import { saveApiTokenUse } from '../../database/stores/api-token-store.ts';
import type { ClosingStack } from '../closing-stack.ts';
import { Callers } from '../people/callers.ts';
import { Passwords } from '../people/passwords.ts';
import { People } from '../people/people.ts';
import { RequestLimits } from '../people/request-limits.ts';
import { Sessions } from '../people/sessions.ts';
import { SignIn } from '../people/sign-in.ts';
import type { ServerState } from '../server-state.ts';
import type { PeopleParts } from './session-handlers.ts';
import { SignedInFeeds } from './signed-in-feeds.ts';

export interface PeopleService extends Omit<PeopleParts, 'makeSignInLink' | 'cookieName'> {
  readonly limits: RequestLimits;
  readonly feeds: SignedInFeeds;
}

const tokenUseEveryMs = 60_000;

/** Everything about who uses the console. `passwordCost`: see the options of the server. */
export async function startPeopleService(
  state: ServerState,
  passwordCost: number | undefined,
  closing: ClosingStack,
): Promise<PeopleService> {
  const { database, writes, logger, now } = state;
  const people = await People.load(database, () => feeds.look());
  const sessions = new Sessions(now, () => feeds.look());
  const uses = new Map<string, number>();
  const callers = new Callers(people, sessions, now, ({ id, lastUsedMs }) => {
    const nowMs = now();
    if (nowMs - (uses.get(id) ?? lastUsedMs ?? 0) < tokenUseEveryMs) return;
    uses.set(id, nowMs);
    const written = people.change(() => writes.write((transaction) => saveApiTokenUse(transaction, id, nowMs)));
    written.catch((error: unknown) => logger.error({ error }, 'when an API token was used could not be written'));
  });
  const feeds = new SignedInFeeds(callers, sessions);
  closing.add('the feeds of who is signed in', () => feeds.stop());
  const signIn = new SignIn({ people, sessions, passwords: new Passwords(passwordCost), writes, now });
  return { people, sessions, callers, signIn, limits: new RequestLimits(), feeds };
}
