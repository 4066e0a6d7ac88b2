import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import type { JsonOptions } from './server-command.ts';
import { addServerCommand } from './server-command.ts';
import { connect } from './server-connection.ts';
import { formatTime } from './text-format.ts';

/** `fanout join-token`: what computers need to join. */
export function addJoinTokenCommand(program: Command, context: CommandContext): void {
  addServerCommand(program, 'join-token', {
    description:
      'Make a join token: any number of computers may enrol with it until it ends. It is shown this once; earlier ones hold until they end.',
    json: '{joinToken, serverUrl, expiresAtMs}',
  }).action((options: JsonOptions) => makeToken(options, context));
}

async function makeToken(options: JsonOptions, context: CommandContext): Promise<void> {
  const made = await (await connect(options)).call('joinToken', {});
  if (options.json) {
    context.print(JSON.stringify(made));
    return;
  }
  const { joinToken, serverUrl, expiresAtMs } = made;
  context.print(`fanout agent --server ${serverUrl} --join-token ${joinToken} --data FOLDER`);
  if (expiresAtMs !== null)
    context.note(`Run this on each computer that shall join, until ${formatTime(expiresAtMs)}.`);
}
