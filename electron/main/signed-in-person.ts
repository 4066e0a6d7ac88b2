import { session } from 'electron';
import { consoleApiPrefix } from '../../shared/contracts/console-request.ts';
import { sessionSchema } from '../../shared/contracts/people-api.ts';

/**
 * What concerns this computer the server cannot refuse, so that it is asked who is signed in, with the cookie of the window. Rejects
 * with a sentence where that is no administrator.
 */
export async function requireAdministrator(consoleUrl: string): Promise<void> {
  const answer = await session.defaultSession.fetch(`${consoleUrl}${consoleApiPrefix}/session`, {
    credentials: 'include',
  });
  const parsed = answer.ok ? sessionSchema.safeParse(await answer.json()) : null;
  if (parsed?.success !== true || parsed.data.role !== 'administrator') {
    throw new Error('Only an administrator may do this.');
  }
}
