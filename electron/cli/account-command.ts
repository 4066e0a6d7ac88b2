import { type Command, Option } from 'commander';
import type { Account, Role } from '../../shared/contracts/people-api.ts';
import { accountNameKey, roleSchema } from '../../shared/contracts/people-api.ts';
import type { ConsoleClient } from '../fleet/console-client.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { readNewPassword } from './password-input.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';
import { formatTable, formatTime } from './text-format.ts';

interface AccountOptions extends ConnectionOptions {
  readonly json?: true;
}
interface AddOptions extends AccountOptions {
  readonly role: Role;
}
interface SetOptions extends AccountOptions {
  readonly role?: Role;
  readonly disable?: true;
  readonly enable?: true;
}

const passwordHelp = `
The password is asked for without an echo, or read from the standard input where that is no terminal. It has at least
12 characters and is not the account's name; nothing else is demanded.`;

/** `fanout account …`: who may use the console. */
export function addAccountCommand(program: Command, context: CommandContext): void {
  const account = program.command('account').description('The accounts of the console: who signs in, and as what.');
  addTo(account, 'list', 'List all accounts.').action((options: AccountOptions) => list(options, context));
  addTo(account, 'add', 'Add an account.')
    .argument('<name>', '1 to 64 letters, digits, dots, dashes, underscores or @')
    .addOption(new Option('--role <role>').choices(roleSchema.options).makeOptionMandatory())
    .addHelpText('after', passwordHelp)
    .action((name: string, options: AddOptions) => add(name, options, context));
  addTo(account, 'set', 'Change the role of an account, disable it or enable it again; ends its sessions.')
    .argument('<name>')
    .addOption(new Option('--role <role>').choices(roleSchema.options))
    .option('--disable', 'nobody signs in with it any more')
    .addOption(new Option('--enable', 'it can sign in again').conflicts('disable'))
    .action((name: string, options: SetOptions) => set(name, options, context));
  addTo(account, 'remove', 'Remove an account with its sessions and API tokens.')
    .argument('<name>')
    .action((name: string, options: AccountOptions) => remove(name, options, context));
  addTo(account, 'password', 'Give an account a new password; ends its sessions.')
    .argument('<name>')
    .addHelpText('after', passwordHelp)
    .action((name: string, options: AccountOptions) => setPassword(name, options, context));
  addTo(account, 'sign-out', 'End all sessions of an account.')
    .argument('<name>')
    .action((name: string, options: AccountOptions) => signOut(name, options, context));
}

function addTo(account: Command, name: string, description: string): Command {
  const command = account.command(name).description(description);
  return addConnectionOptions(command).option('--json', 'print the result as JSON');
}

async function list(options: AccountOptions, context: CommandContext): Promise<void> {
  const accounts = await (await connect(options)).call('accounts', {});
  if (options.json) context.print(JSON.stringify(accounts));
  else if (accounts.length === 0) context.print('There are no accounts. Add one with "fanout account add".');
  else
    for (const line of formatTable([['NAME', 'ROLE', 'STATE', 'LAST SIGN-IN'], ...accounts.map(rowOf)]))
      context.print(line);
}

function rowOf({ name, role, disabled, lastSignInMs }: Account): string[] {
  return [name, role, disabled ? 'disabled' : 'enabled', lastSignInMs === null ? 'never' : formatTime(lastSignInMs)];
}

async function add(name: string, options: AddOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const password = await readNewPassword(name);
  const account = await console.call('createAccount', { body: { name, role: options.role, password } });
  tell(account, `${account.name} may sign in as ${account.role}.`, options, context);
}

async function set(name: string, options: SetOptions, context: CommandContext): Promise<void> {
  const { role, disable, enable } = options;
  if (role === undefined && disable === undefined && enable === undefined) {
    throw new CommandFailure(exitCodes.usage, 'Say what to change: --role, --disable or --enable.');
  }
  const disabled = disable === undefined && enable === undefined ? {} : { disabled: disable === true };
  const console = await connect(options);
  const { id } = await chooseAccount(console, name);
  const body = { ...(role === undefined ? {} : { role }), ...disabled };
  const account = await console.call('updateAccount', { params: { id }, body });
  const state = account.disabled ? 'disabled' : 'enabled';
  tell(account, `${account.name} is ${account.role}, ${state}.`, options, context);
}

async function remove(name: string, options: AccountOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const account = await chooseAccount(console, name);
  await console.call('removeAccount', { params: { id: account.id } });
  tell(account, `${account.name} is removed.`, options, context);
}

async function setPassword(name: string, options: AccountOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const { id } = await chooseAccount(console, name);
  const password = await readNewPassword(name);
  const account = await console.call('updateAccount', { params: { id }, body: { password } });
  tell(account, `${account.name} has a new password.`, options, context);
}

async function signOut(name: string, options: AccountOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const account = await chooseAccount(console, name);
  await console.call('endSessionsOfAccount', { params: { id: account.id } });
  tell(account, `${account.name} is signed out everywhere.`, options, context);
}

async function chooseAccount(console: ConsoleClient, name: string): Promise<Account> {
  const key = accountNameKey(name);
  const account = (await console.call('accounts', {})).find((candidate) => accountNameKey(candidate.name) === key);
  if (account !== undefined) return account;
  throw new CommandFailure(exitCodes.notFound, `There is no account "${name}".`);
}

function tell(account: Account, sentence: string, options: AccountOptions, context: CommandContext): void {
  context.print(options.json ? JSON.stringify(account) : sentence);
}
