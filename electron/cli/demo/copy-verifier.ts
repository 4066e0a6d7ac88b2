import { spawn } from 'node:child_process';
import type { VerifyAnswer, VerifyOrder } from '../verify-copies-command.ts';
import { verifyAnswerSchema } from '../verify-copies-command.ts';

/**
 * Has every copy read again and compared with its source by a process that never saw them before.
 * @param cliEntry file of the `fanout` command
 */
export async function verifyInOtherProcess(
  cliEntry: string,
  order: VerifyOrder,
  signal: AbortSignal,
): Promise<VerifyAnswer> {
  const child = spawn(process.execPath, [cliEntry, 'verify-copies'], { stdio: ['pipe', 'pipe', 'pipe'] });
  // An order that is not read to its end shows in the exit code.
  child.stdin.on('error', () => child.kill());
  child.stdin.end(JSON.stringify(order));
  const onAbort = () => child.kill('SIGKILL');
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  let answer = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  signal.removeEventListener('abort', onAbort);
  if (code !== 0) throw new Error(`The verifying process ended with code ${code}. ${complaint.trim()}`);
  return verifyAnswerSchema.parse(JSON.parse(answer));
}
