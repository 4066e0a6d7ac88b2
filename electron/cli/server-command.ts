import type { Command } from 'commander';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions } from './server-connection.ts';

export interface JsonOptions extends ConnectionOptions {
  readonly json?: true;
}

export interface ServerCommandTexts {
  readonly description: string;
  /** Whole command lines, with a remark behind `#` where one helps. */
  readonly examples?: readonly string[];
  /** What `--json` prints. */
  readonly json?: string;
}

/** A command that asks a server: with the options that name the server, `--json`, and examples in its help. */
export function addServerCommand(parent: Command, name: string, texts: ServerCommandTexts): Command {
  const { description, examples = [], json = 'the result' } = texts;
  const command = parent.command(name).description(description).option('--json', `print ${json} as JSON`);
  return addExamples(addConnectionOptions(command), examples);
}

export function addExamples(command: Command, examples: readonly string[]): Command {
  return examples.length === 0 ? command : command.addHelpText('after', `\nExamples:\n  ${examples.join('\n  ')}`);
}
