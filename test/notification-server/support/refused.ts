import { ConsoleRequestError } from '../../../shared/contracts/console-request.ts';

/** How the server refused it; an attempt that it let through fails the test. */
export async function refusalOf(attempt: Promise<unknown>): Promise<ConsoleRequestError> {
  const error = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConsoleRequestError)) throw new Error(`not refused: ${String(error)}`);
  return error;
}
