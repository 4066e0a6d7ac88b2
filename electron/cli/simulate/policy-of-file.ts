import { readFile } from 'node:fs/promises';
import { policyFileSchema } from '../../../shared/contracts/policy-file.ts';
import type { AgentSettings } from '../../../shared/contracts/settings.ts';
import { CommandFailure, exitCodes } from '../exit-codes.ts';

/** Settings of a policy in a file that `fanout policy export` or the console wrote; `FILE#NAME` chooses one of several. */
export async function policyOfFile(source: string): Promise<AgentSettings> {
  const at = source.lastIndexOf('#');
  const [file, name] = at === -1 ? [source, null] : [source.slice(0, at), source.slice(at + 1)];
  const parsed = policyFileSchema.safeParse(await jsonOf(file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? '' : ` (${issue.path.join('.')})`;
    throw new CommandFailure(exitCodes.usage, `${file} cannot be used${where}: ${issue?.message ?? 'unknown content'}`);
  }
  const { policies } = parsed.data;
  const [chosen, another] = name === null ? policies : policies.filter((policy) => policy.name === name);
  const names = policies.map((policy) => policy.name).join(', ');
  if (chosen === undefined) throw new CommandFailure(exitCodes.notFound, `${file} has no policy ${name}: ${names}.`);
  if (another !== undefined) {
    throw new CommandFailure(exitCodes.usage, `${file} has several policies: choose one as ${file}#NAME (${names}).`);
  }
  return chosen.settings;
}

async function jsonOf(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailure(exitCodes.notFound, `The file ${file} cannot be read (${error.code ?? error.message}).`);
  });
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CommandFailure(exitCodes.usage, `${file} is not JSON: ${(error as Error).message}`);
  }
}
