import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { integerOption } from './option-values.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';
import { formatTable } from './text-format.ts';

interface AuditOptions extends ConnectionOptions {
  readonly who?: string;
  readonly action?: string;
  readonly subject?: string;
  readonly limit: number;
  readonly before?: number;
  readonly json?: true;
}

export function addAuditCommand(program: Command, context: CommandContext): void {
  const audit = program.command('audit').description('Who changed what, and taking it back.');
  const list = audit
    .command('list')
    .description('List changes, the newest first.')
    .option('--who <name>', 'only changes by this account')
    .option('--action <action>', 'only this kind of change, e.g. update-policy')
    .option('--subject <text>', 'only where this is part of the name of what changed')
    .option('--limit <entries>', 'how many at most', integerOption(1, 500), 50)
    .option('--before <id>', 'only older ones than this', integerOption(1, 999_999_999_999_999))
    .option('--json', 'print the entries, with what was before and after, as JSON');
  addConnectionOptions(list).action((options: AuditOptions) => listAudit(options, context));
  const revert = audit
    .command('revert')
    .argument('<id>', 'number of the entry', integerOption(1, 999_999_999_999_999))
    .description('Take a change back, where its result is what holds now.')
    .option('--json', 'print the new entry as JSON');
  addConnectionOptions(revert).action((id: number, options: AuditOptions) => revertAudit(id, options, context));
}

async function listAudit(options: AuditOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const { who, action, subject, limit, before } = options;
  const entries = await console.call('audit', {
    query: { who, action, subject, limit: `${limit}`, before: before === undefined ? undefined : `${before}` },
  });
  if (options.json) {
    context.print(JSON.stringify(entries));
    return;
  }
  const rows = entries.map((entry) => [
    `${entry.id}`,
    new Date(entry.atMs).toISOString(),
    entry.who,
    entry.reverts === null ? entry.action : `${entry.action} (of ${entry.reverts})`,
    entry.subject,
  ]);
  for (const line of formatTable([['Id', 'When', 'Who', 'Action', 'Subject'], ...rows])) context.print(line);
}

async function revertAudit(id: number, options: AuditOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const entry = await console.call('revertAudit', { params: { id: `${id}` } });
  context.print(
    options.json ? JSON.stringify(entry) : `Entry ${id} is taken back: "${entry.subject}" is what it was before.`,
  );
}
