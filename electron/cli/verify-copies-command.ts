import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import type { CommandContext } from './command-context.ts';

/** What the verifying process is told on its standard input, as JSON. */
export const verifyOrderSchema = z.object({ source: z.string(), copies: z.array(z.string()).max(10_000) });
export type VerifyOrder = z.infer<typeof verifyOrderSchema>;

/** What it answers on its standard output, as JSON: every copy that is not the source, with the reason. */
export const verifyAnswerSchema = z.object({
  sourceSha256: z.string(),
  verified: z.number().int(),
  problems: z.array(z.object({ copy: z.string(), problem: z.string() })),
});
export type VerifyAnswer = z.infer<typeof verifyAnswerSchema>;

/** 1 MiB reads: few enough calls that hashing is what takes the time. */
const readBytes = 1024 * 1024;

/** Hidden: `fanout demo` runs it as a process of its own, so that nobody verifies what it wrote itself. */
export function addVerifyCopiesCommand(program: Command, context: CommandContext): void {
  program
    .command('verify-copies', { hidden: true })
    .description('Read files again and compare them with their source by SHA-256 (order on standard input, as JSON).')
    .action(async () => {
      const parts: Buffer[] = [];
      for await (const data of process.stdin) parts.push(data as Buffer);
      const order = verifyOrderSchema.parse(JSON.parse(Buffer.concat(parts).toString('utf8')));
      context.print(JSON.stringify(await verifyCopies(order)));
    });
}

export async function verifyCopies(order: VerifyOrder): Promise<VerifyAnswer> {
  const sourceSha256 = await sha256OfFile(order.source);
  const problems: VerifyAnswer['problems'] = [];
  for (const copy of order.copies) {
    try {
      if ((await sha256OfFile(copy)) !== sourceSha256) problems.push({ copy, problem: 'its content is another' });
    } catch (error) {
      problems.push({ copy, problem: error instanceof Error ? error.message : String(error) });
    }
  }
  return { sourceSha256, verified: order.copies.length - problems.length, problems };
}

async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const data of createReadStream(file, { highWaterMark: readBytes })) hash.update(data as Buffer);
  return hash.digest('hex');
}
