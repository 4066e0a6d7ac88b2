import type { Health } from '../../shared/contracts/operation-api.ts';
import { healthSchema } from '../../shared/contracts/operation-api.ts';
import { ConsoleUnreachableError } from '../fleet/console-client.ts';

export interface AskedHealth {
  readonly health: Health;
  /** When the answer was written, by the server's clock, to the second; null where it does not say. */
  readonly serverTimeMs: number | null;
}

const answerWithinMs = 10_000;

/**
 * How a server is; nobody has to be signed in for it. Not a call of `ConsoleClient`: a server that is not well says so
 * with 503, and that is an answer here. Throws `ConsoleUnreachableError` where no Notification Server answers.
 */
export async function askHealth(consoleUrl: string): Promise<AskedHealth> {
  const nobody = new ConsoleUnreachableError(`No Notification Server answers at ${consoleUrl}.`);
  const answer = await fetch(`${consoleUrl}/api/v1/health`, { signal: AbortSignal.timeout(answerWithinMs) }).catch(
    () => {
      throw nobody;
    },
  );
  const health = healthSchema.safeParse(await answer.json().catch(() => null));
  if (!health.success) throw nobody;
  return { health: health.data, serverTimeMs: serverTimeOf(answer.headers.get('date')) };
}

export function serverTimeOf(date: string | null | undefined): number | null {
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? null : ms;
}
