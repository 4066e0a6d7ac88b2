import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Account, ApiToken } from '../../shared/contracts/people-api.ts';
import { runFanoutHere } from '../cli/fanout-here.ts';
import { runFanout } from '../cli/fanout-process.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';

let place: ServerPlace;
beforeAll(async () => {
  place = await ServerPlace.start();
});
afterAll(() => place.stop());

const password = 'a long enough secret';

/** On the server's computer, which finds it by its data folder. */
function local(...args: string[]) {
  return runFanoutHere([...args, '--data', place.server.dataFolder]);
}

/** The same as a process of its own, which reads a password from its standard input. */
function localWithInput(input: string, ...args: string[]) {
  return runFanout([...args, '--data', place.server.dataFolder], {}, input);
}

async function statusOfSignIn(name: string, typed: string): Promise<number> {
  const answer = await fetch(`${place.server.consoleUrl}/api/v1/sign-ins`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password: typed }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

it('makes, lists, changes and removes accounts, with passwords from the standard input', async () => {
  const added = await localWithInput(`${password}\n`, 'account', 'add', 'ada', '--role', 'administrator', '--json');
  expect([added.exitCode, added.stderr]).toEqual([0, '']);
  expect(JSON.parse(added.stdout) as Account).toMatchObject({ name: 'ada', role: 'administrator', disabled: false });
  expect(await statusOfSignIn('ada', password)).toBe(200);

  expect((await localWithInput(password, 'account', 'add', 'bea', '--role', 'helpdesk')).stdout).toBe(
    'bea may sign in as helpdesk.\n',
  );
  expect((await localWithInput('quite another secret\n', 'account', 'password', 'BEA')).exitCode).toBe(0);
  expect(await statusOfSignIn('bea', 'quite another secret')).toBe(200);
  expect((await local('account', 'set', 'bea', '--disable')).stdout).toBe('bea is helpdesk, disabled.\n');
  expect((await local('account', 'sign-out', 'bea')).exitCode).toBe(0);
  const listed = await local('account', 'list');
  expect(listed.stdout).toMatch(
    /^NAME +ROLE +STATE +LAST SIGN-IN\nada +administrator +enabled +\d.*\nbea +helpdesk +disabled /,
  );

  const last = await local('account', 'set', 'ada', '--role', 'helpdesk');
  expect([last.exitCode, last.stderr]).toEqual([1, expect.stringContaining('last enabled administrator')]);
  expect((await local('account', 'remove', 'bea')).stdout).toBe('bea is removed.\n');
  expect((await local('account', 'remove', 'bea')).exitCode).toBe(7);
}, 90_000);

it('refuses a bad password, and takes none from an argument', async () => {
  const short = await localWithInput('too short', 'account', 'add', 'cy', '--role', 'helpdesk');
  expect([short.exitCode, short.stderr]).toEqual([1, 'password: Use at least 12 characters.\n']);
  expect((await localWithInput('', 'account', 'add', 'cy', '--role', 'helpdesk')).exitCode).toBe(2);
  expect((await local('account', 'add', 'cy', password, '--role', 'helpdesk')).exitCode).toBe(2);
  expect((await local('account', 'set', 'cy')).exitCode).toBe(2);
}, 60_000);

it('makes a token that other commands use by address, as far as its scope goes, until it is revoked', async () => {
  const made = await local('token', 'create', 'nightly', '--scope', 'read', '--days', '7');
  expect(made.exitCode, made.stderr).toBe(0);
  const token = made.stdout.trim();
  expect(made.stderr).toContain('nightly (read) is valid until');
  const elsewhere = ['--console', place.server.consoleUrl];
  const used = await runFanout(['token', 'list', '--json', ...elsewhere], { FANOUT_TOKEN: token });
  const [listed] = JSON.parse(used.stdout) as ApiToken[];
  expect(listed).toMatchObject({ name: 'nightly', scope: 'read', createdBy: 'command line' });
  const refused = await runFanoutHere(['rotate-keys', ...elsewhere, '--token', token]);
  expect([refused.exitCode, refused.stderr]).toEqual([4, expect.stringContaining('administrator')]);
  expect((await local('rotate-keys', '--token', token)).exitCode).toBe(4);
  expect((await runFanout(['token', 'list', ...elsewhere], { FANOUT_TOKEN: '' })).exitCode).toBe(2);
  expect((await local('token', 'revoke', listed?.id ?? '')).stdout).toBe('nightly is revoked.\n');
  expect((await runFanoutHere(['token', 'list', ...elsewhere, '--token', token])).exitCode).toBe(4);
  expect((await local('token', 'revoke', 'unknown')).exitCode).toBe(7);
}, 90_000);
