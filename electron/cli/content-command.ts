import type { Command } from 'commander';
import { contentAccessSchema } from '../../shared/contracts/content-link.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { integerOption } from './option-values.ts';
import { choosePackage } from './package-choice.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';
import { formatBytes } from './text-format.ts';

interface LinkOptions extends ConnectionOptions {
  readonly packageVersion?: string;
  readonly validFor?: number;
  readonly json?: true;
}

/** `fanout link …` and `fanout content-access …` */
export function addContentCommands(program: Command, context: CommandContext): void {
  addConnectionOptions(
    program
      .command('link')
      .argument('<package>', 'name or GUID of the package')
      .argument('[path]', 'of the file; may be left out where the package has one')
      .description('Sign a link to a file of a package, for any HTTP client.')
      .option('--package-version <version>', 'default: the newest')
      .option('--valid-for <minutes>', 'default: 60', integerOption(1, 43_200))
      .option('--json', 'print as JSON'),
  ).action(async (subject: string, path: string | undefined, options: LinkOptions) => {
    const console = await connect(options);
    const { guid, version } = choosePackage(await console.call('packages', {}), subject, options.packageVersion);
    const body = { ...(path === undefined ? {} : { path }), validForMinutes: options.validFor ?? 60 };
    const link = await console.call('createContentLink', { params: { guid, version }, body });
    if (options.json) context.print(JSON.stringify(link));
    else {
      context.print(link.url);
      context.print(`${link.path}, ${formatBytes(link.sizeBytes)}, until ${new Date(link.expiresAtMs).toISOString()}`);
    }
  });
  addConnectionOptions(
    program
      .command('content-access')
      .argument('[access]', 'off, links or anyone')
      .description('Who may fetch files of packages over /content: nobody, agents and who has a link, or anyone.')
      .option('--json', 'print as JSON'),
  ).action(async (access: string | undefined, options: ConnectionOptions & { readonly json?: true }) => {
    const console = await connect(options);
    const wanted = access === undefined ? null : contentAccessSchema.safeParse({ access });
    if (wanted?.success === false) throw new CommandFailure(exitCodes.usage, 'Say off, links or anyone.');
    const stored =
      wanted === null
        ? await console.call('contentAccess', {})
        : await console.call('updateContentAccess', { body: wanted.data });
    context.print(options.json ? JSON.stringify(stored) : stored.access);
  });
}
