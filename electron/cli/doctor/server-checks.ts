import { request } from 'node:https';
import type { AskedHealth } from '../server-health.ts';
import { serverTimeOf } from '../server-health.ts';
import type { Check } from './check.ts';
import { ok, problem, skipped } from './check.ts';

/** Beyond that schedules, blockouts and journals tell another time than the people who set them. */
const toleratedMs = 60_000;
const answerWithinMs = 10_000;

export function checkHealth(consoleUrl: string, { health }: AskedHealth): Check {
  const subject = `Notification Server at ${consoleUrl}`;
  if (health.status === 'ok') return ok(subject, `well, version ${health.productVersion}`);
  return problem(subject, health.reasons.join(' '), 'See "fanout status" on its computer, and its log.');
}

/** @param askedAtMs when the question was sent, by the own clock @param answeredAtMs when the answer was there */
export function checkClock(serverTimeMs: number | null, askedAtMs: number, answeredAtMs: number): Check {
  const subject = 'Clock';
  if (serverTimeMs === null) return skipped(subject, 'the server does not tell its time');
  const offByMs = (askedAtMs + answeredAtMs) / 2 - serverTimeMs;
  const seconds = Math.round(Math.abs(offByMs) / 1000);
  if (Math.abs(offByMs) <= toleratedMs) return ok(subject, `within ${Math.max(1, seconds)} s of the server's`);
  return problem(
    subject,
    `${seconds} s ${offByMs > 0 ? 'ahead of' : 'behind'} the server's`,
    'Set the clock, best by the network (NTP): windows, blockouts and journals go by it.',
  );
}

/** Whether the server's address for agents answers, and its time. Who it is, an agent proves when it enrols; here it is not looked at. */
export async function checkAgentAddress(serverUrl: string): Promise<Check[]> {
  const subject = `Server for agents at ${serverUrl}`;
  const askedAtMs = Date.now();
  try {
    const date = await dateOf(serverUrl);
    return [ok(subject, 'answers'), checkClock(serverTimeOf(date), askedAtMs, Date.now())];
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const advice =
      'See that the server runs, that --listen names an address of its network, and that TCP gets through.';
    return [problem(subject, `does not answer (${code ?? message})`, advice)];
  }
}

function dateOf(serverUrl: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${serverUrl}/`,
      { rejectUnauthorized: false, signal: AbortSignal.timeout(answerWithinMs), agent: false },
      (answer) => {
        answer.resume();
        resolve(answer.headers.date);
      },
    );
    asked.once('error', reject);
    asked.end();
  });
}
