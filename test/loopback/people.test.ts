import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import type { ConsoleCall } from '../../shared/contracts/console-request.ts';
import { consoleRequest, parseConsoleAnswer } from '../../shared/contracts/console-request.ts';
import type { ConsoleRoute, ConsoleRouteName, RouteAnswer } from '../../shared/contracts/console-routes.ts';
import { consoleRoutes } from '../../shared/contracts/console-routes.ts';
import { apiErrorSchema } from '../../shared/contracts/errors.ts';
import type { Role } from '../../shared/contracts/people-api.ts';
import { isAllowed } from '../../shared/contracts/people-api.ts';
import { refusalOf } from '../notification-server/support/refused.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';
import type { TestServer } from '../notification-server/support/test-server.ts';
import { eventually } from '../notification-server/support/test-server.ts';

let place: ServerPlace;
let server: TestServer;

beforeAll(async () => {
  place = await ServerPlace.start();
  server = place.server;
});
afterAll(() => place.stop());

const password = 'a long enough secret';

/** As a browser or a program would: with a cookie, a token, or nothing. */
async function callAs<Name extends ConsoleRouteName>(
  headers: Record<string, string>,
  name: Name,
  call: ConsoleCall<Name>,
): Promise<RouteAnswer<Name>> {
  const { method, path, body } = consoleRequest(name, call);
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  const answer = await fetch(server.consoleUrl + path, {
    method,
    headers: { ...headers, ...type },
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  return parseConsoleAnswer(name, answer.status, text === '' ? undefined : JSON.parse(text));
}

async function signIn(name: string, typed = password): Promise<{ cookie: string }> {
  const answer = await fetch(`${server.consoleUrl}/api/v1/sign-ins`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password: typed }),
  });
  parseConsoleAnswer('signInWithPassword', answer.status, await answer.json());
  const cookie = answer.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
  return { cookie: cookie.split(';')[0] ?? '' };
}

let made = 0;
/** An account of its own for each test, so that no test finds another's failures. */
async function newAccount(role: Role = 'helpdesk'): Promise<{ id: string; name: string }> {
  made++;
  return server.call('createAccount', { body: { name: `person-${made}`, role, password } });
}

async function newToken(scope: 'read' | 'helpdesk' | 'administrator', as: Record<string, string> = bearer()) {
  made++;
  const token = await callAs(as, 'createApiToken', { body: { name: `token-${made}`, scope, expiresInDays: 1 } });
  return { ...token, headers: { authorization: `Bearer ${token.token}` } };
}

function bearer(): Record<string, string> {
  return { authorization: `Bearer ${server.apiToken}` };
}

/** Resolves with the code of the feed's end. */
async function openFeed(headers: Record<string, string>): Promise<{ ended: Promise<number>; close(): void }> {
  const socket = new WebSocket(`${server.consoleUrl.replace('http', 'ws')}/api/v1/feed`, { headers });
  const ended = new Promise<number>((resolve) => socket.on('close', resolve));
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  return { ended, close: () => socket.close() };
}

describe('an account', () => {
  it('signs in with name and password, whatever the case of the name', async () => {
    const { name } = await newAccount();
    const session = await signIn(name.toUpperCase());
    expect(await callAs(session, 'session', {})).toMatchObject({ name, role: 'helpdesk', kind: 'account' });
    const shown = (await server.call('accounts', {})).find((account) => account.name === name);
    expect(shown?.lastSignInMs).toBeGreaterThan(0);
    expect(JSON.stringify(shown)).not.toMatch(/scrypt|hash|salt/);
  });

  it('is told nothing of why it is not let in: unknown, disabled and mistyped look the same', async () => {
    const [mistyped, disabled] = [await newAccount(), await newAccount()];
    await server.call('updateAccount', { params: { id: disabled.id }, body: { disabled: true } });
    const refusals = await Promise.all([
      refusalOf(signIn('nobody-at-all')),
      refusalOf(signIn(disabled.name)),
      refusalOf(signIn(mistyped.name, 'another long secret')),
      refusalOf(signIn('not, even! a name')),
    ]);
    expect(new Set(refusals.map(({ status, details }) => JSON.stringify([status, details]))).size).toBe(1);
    expect(refusals[0]?.status).toBe(401);
  });

  it('and an unknown name alike are refused with 429 and a time to wait after failures', async () => {
    const { name } = await newAccount();
    for (const tried of [name, 'unknown-person']) {
      const typed = [...Array.from({ length: 15 }, () => 'another long secret'), password];
      const answers = await Promise.all(
        typed.map((secret) =>
          fetch(`${server.consoleUrl}/api/v1/sign-ins`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ name: tried, password: secret }),
          }),
        ),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]));
      // The right one came last: guessing does not go on during the pause.
      const last = answers.at(-1);
      expect(last?.headers.get('retry-after')).toMatch(/^[1-8]$/);
      expect(await last?.json()).toMatchObject({ error: { code: 'too-many-requests' } });
    }
  });

  it.each([
    [{ name: 'x y', role: 'helpdesk', password }, 'name'],
    [{ name: 'command line', role: 'helpdesk', password }, 'name'],
    [{ name: '', role: 'helpdesk', password }, 'name'],
    [{ name: 'x'.repeat(65), role: 'helpdesk', password }, 'name'],
    [{ name: 'x\u0000y', role: 'helpdesk', password }, 'name'],
    [{ name: 7, role: 'helpdesk', password }, 'name'],
    [{ name: 'fine', role: 'owner', password }, 'role'],
    [{ name: 'fine', role: 'helpdesk', password: 'too short' }, 'password'],
    [{ name: 'long-enough-a-name', role: 'helpdesk', password: 'Long-Enough-A-Name' }, 'password'],
    [{ name: 'fine', role: 'helpdesk', password: 'x'.repeat(2000) }, 'password'],
    [{ name: 'fine', role: 'helpdesk' }, 'password'],
  ])('is not made of %j: the field is named', async (body, field) => {
    const before = await server.call('accounts', {});
    const { status, details } = await refusalOf(server.call('createAccount', { body: body as never }));
    expect([status, details.fields?.map(({ path }) => path)]).toEqual([400, [field]]);
    expect(await server.call('accounts', {})).toEqual(before);
  });

  it.each([
    [{}, 'role'],
    [{ role: 'owner' }, 'role'],
    [{ disabled: 'yes' }, 'disabled'],
    [{ password: 'too short' }, 'password'],
    [{ password: '' }, 'password'],
  ])('is not changed by %j: the field is named', async (body, field) => {
    const { id } = await newAccount();
    const before = await server.call('accounts', {});
    const { status, details } = await refusalOf(server.call('updateAccount', { params: { id }, body: body as never }));
    expect([status, details.fields?.map(({ path }) => path)]).toEqual([400, [field]]);
    expect(await server.call('accounts', {})).toEqual(before);
  });

  it('that is unknown is not found, whatever its id looks like', async () => {
    for (const id of ['unknown', '../../accounts', "' OR 1=1 --", '%00']) {
      const refusals = [
        await refusalOf(server.call('updateAccount', { params: { id }, body: { role: 'helpdesk' } })),
        await refusalOf(server.call('removeAccount', { params: { id } })),
        await refusalOf(server.call('endSessionsOfAccount', { params: { id } })),
        await refusalOf(server.call('endSession', { params: { id } })),
      ];
      expect([id, ...refusals.map(({ status }) => status)]).toEqual([id, 404, 404, 404, 404]);
    }
  });

  it.each([
    [{}, ['name', 'password']],
    [{ name: 'ada' }, ['password']],
    [{ name: ' ', password }, ['name']],
    [{ name: ['ada'], password: { $ne: '' } }, ['name', 'password']],
    [{ name: 'x'.repeat(201), password: 'x'.repeat(1025) }, ['name', 'password']],
    [null, ['']],
  ])('does not sign in by %j: the fields are named', async (body, fields) => {
    const answer = await fetch(`${server.consoleUrl}/api/v1/sign-ins`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { error } = apiErrorSchema.parse(await answer.json());
    expect([answer.status, error.fields?.map(({ path }) => path)]).toEqual([400, fields]);
  });

  it('has a name of its own, also when two are made at the same moment', async () => {
    const body = { name: 'twin', role: 'helpdesk', password } as const;
    const attempts = [
      server.call('createAccount', { body }),
      server.call('createAccount', { body: { ...body, name: 'TWIN' } }),
    ];
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find((outcome) => outcome.status === 'rejected')?.reason).toMatchObject({
      status: 409,
      details: { fields: [{ path: 'name' }] },
    });
  });

  it('changes its password with the one before; its other sessions end at once, with their feeds', async () => {
    const { name } = await newAccount();
    const [own, other] = [await signIn(name), await signIn(name)];
    const feeds = { own: await openFeed(own), other: await openFeed(other) };
    const body = { currentPassword: password, newPassword: 'quite another secret' };
    const wrong = await refusalOf(callAs(own, 'changeOwnPassword', { body: { ...body, currentPassword: 'wrong' } }));
    expect([wrong.status, wrong.details.fields?.[0]?.path]).toEqual([400, 'currentPassword']);
    const short = await refusalOf(callAs(own, 'changeOwnPassword', { body: { ...body, newPassword: 'short' } }));
    expect([short.status, short.details.fields?.[0]?.path]).toEqual([400, 'newPassword']);
    await callAs(own, 'changeOwnPassword', { body });
    expect(await feeds.other.ended).toBe(4401);
    expect((await refusalOf(callAs(other, 'session', {}))).status).toBe(401);
    expect(await callAs(own, 'session', {})).toMatchObject({ name });
    expect((await refusalOf(signIn(name))).status).toBe(401);
    await signIn(name, body.newPassword);
    feeds.own.close();
  });

  it.each([
    ['another role', { role: 'administrator' }],
    ['a new password', { password: 'given by somebody else' }],
    ['being disabled', { disabled: true }],
  ] as const)('is signed out at once by %s', async (_what, body) => {
    const { id, name } = await newAccount();
    const session = await signIn(name);
    const feed = await openFeed(session);
    await server.call('updateAccount', { params: { id }, body });
    expect((await refusalOf(callAs(session, 'session', {}))).status).toBe(401);
    expect(await feed.ended).toBe(4401);
  });

  it('signs out everywhere, and an administrator ends single sessions and all of an account', async () => {
    const { id, name } = await newAccount();
    const sessions = await Promise.all([signIn(name), signIn(name)]);
    const [first, second] = sessions;
    await callAs(first ?? {}, 'signOutEverywhere', {});
    for (const session of sessions) expect((await refusalOf(callAs(session, 'session', {}))).status).toBe(401);
    expect(second).not.toEqual(first);

    const third = await signIn(name);
    const open = (await callAs(third, 'sessions', {})).filter((session) => session.name === name);
    expect(open.map(({ isOwn, role }) => [isOwn, role])).toEqual([[true, 'helpdesk']]);
    await server.call('endSession', { params: { id: open[0]?.id ?? '' } });
    expect((await refusalOf(callAs(third, 'session', {}))).status).toBe(401);
    expect((await refusalOf(server.call('endSession', { params: { id: open[0]?.id ?? '' } }))).status).toBe(404);

    const fourth = await signIn(name);
    await server.call('endSessionsOfAccount', { params: { id } });
    expect((await refusalOf(callAs(fourth, 'session', {}))).status).toBe(401);
  });

  it('that is the last enabled administrator stays one, also when two are demoted at the same moment', async () => {
    const one = await newAccount('administrator');
    const others = (await server.call('accounts', {})).filter(
      ({ id, role, disabled }) => role === 'administrator' && !disabled && id !== one.id,
    );
    const two = await newAccount('administrator');
    for (const { id } of others) await server.call('removeAccount', { params: { id } });
    const demote = ({ id }: { id: string }) =>
      server.call('updateAccount', { params: { id }, body: { role: 'helpdesk' } });
    const outcomes = await Promise.allSettled([demote(one), demote(two)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    for (const body of [{ disabled: true }, { role: 'helpdesk' }] as const) {
      const refusal = await refusalOf(server.call('updateAccount', { params: { id: two.id }, body }));
      expect([refusal.status, refusal.message]).toEqual([409, expect.stringContaining('last enabled administrator')]);
    }
    expect((await refusalOf(server.call('removeAccount', { params: { id: two.id } }))).status).toBe(409);
    await server.call('updateAccount', { params: { id: one.id }, body: { role: 'administrator' } });
    await server.call('removeAccount', { params: { id: two.id } });
  });

  it('outlives a restart of the server; who was signed in signs in again', async () => {
    const { name } = await newAccount();
    const session = await signIn(name);
    await place.restartServer();
    server = place.server;
    expect((await refusalOf(callAs(session, 'session', {}))).status).toBe(401);
    await signIn(name);
  });
});

describe('an API token', () => {
  it('does what its scope says until it is revoked, and is shown once', async () => {
    const token = await newToken('read');
    expect(await callAs(token.headers, 'session', {})).toMatchObject({ name: `token ${token.name}`, role: 'read' });
    expect((await refusalOf(callAs(token.headers, 'joinToken', {}))).status).toBe(403);
    const listed = await eventually('the use of the token', async () => {
      const found = (await server.call('apiTokens', {})).find(({ id }) => id === token.id);
      return found?.lastUsedMs == null ? null : found;
    });
    expect(JSON.stringify(listed)).not.toContain(token.token);
    const feed = await openFeed(token.headers);
    await server.call('revokeApiToken', { params: { id: token.id } });
    expect(await feed.ended).toBe(4401);
    expect((await refusalOf(callAs(token.headers, 'session', {}))).status).toBe(401);
    expect((await refusalOf(server.call('revokeApiToken', { params: { id: token.id } }))).status).toBe(404);
  });

  it('can do no more than the account that made it, and ends with it', async () => {
    const { id, name } = await newAccount('administrator');
    const token = await newToken('administrator', await signIn(name));
    const roleNow = async () => (await callAs(token.headers, 'session', {})).role;
    expect(await roleNow()).toBe('administrator');
    await server.call('updateAccount', { params: { id }, body: { role: 'helpdesk' } });
    expect(await roleNow()).toBe('helpdesk');
    await server.call('updateAccount', { params: { id }, body: { disabled: true } });
    expect((await refusalOf(roleNow())).status).toBe(401);
    await server.call('removeAccount', { params: { id } });
    expect((await server.call('apiTokens', {})).map((one) => one.id)).not.toContain(token.id);
  });

  it('has no password, no session to end, and makes no token that outlives it', async () => {
    const { headers } = await newToken('administrator');
    const body = { currentPassword: password, newPassword: 'quite another secret' };
    expect((await refusalOf(callAs(headers, 'changeOwnPassword', { body }))).status).toBe(403);
    expect((await refusalOf(callAs(headers, 'signOutEverywhere', {}))).status).toBe(403);
    const draft = { name: 'heir', scope: 'read', expiresInDays: 2 } as const;
    const refusal = await refusalOf(callAs(headers, 'createApiToken', { body: draft }));
    expect([refusal.status, refusal.details.fields?.[0]?.path]).toEqual([400, 'expiresInDays']);
  });

  it.each([
    [{ name: 'x', scope: 'read', expiresInDays: 366 }, 'expiresInDays'],
    [{ name: 'x', scope: 'read', expiresInDays: 0 }, 'expiresInDays'],
    [{ name: 'x', scope: 'read' }, 'expiresInDays'],
    [{ name: 'x', scope: 'root', expiresInDays: 1 }, 'scope'],
    [{ name: 'a b', scope: 'read', expiresInDays: 1 }, 'name'],
  ])('is not made of %j: the field is named', async (body, field) => {
    const { status, details } = await refusalOf(server.call('createApiToken', { body: body as never }));
    expect([status, details.fields?.map(({ path }) => path)]).toEqual([400, [field]]);
  });
});

describe('roles', () => {
  const closed = Object.entries<ConsoleRoute>(consoleRoutes).filter(([, { access }]) => !isAllowed('helpdesk', access));

  it('helpdesk gets 403 from everything that is for administrators, whatever it sends', async () => {
    const { name } = await newAccount();
    const { cookie } = await signIn(name);
    const { headers } = await newToken('helpdesk');
    for (const [route, { method, path }] of closed) {
      for (const sent of [{ cookie }, headers] as Record<string, string>[]) {
        const url = `${server.consoleUrl}/api/v1${path.replace(/:[A-Za-z]+/g, 'x')}`;
        const answer = await fetch(url, {
          method,
          headers: { ...sent, 'content-type': 'application/json' },
          body: '{',
        });
        expect([route, answer.status]).toEqual([route, 403]);
      }
    }
    expect(closed.length).toBeGreaterThan(15);
  });

  it('helpdesk reads, and asks an agent to report', async () => {
    const { name } = await newAccount();
    const session = await signIn(name);
    const agent = await place.enrol();
    const feed = await agent.openFeed();
    expect(await callAs(session, 'agents', {})).toHaveLength(1);
    await callAs(session, 'reportNow', { params: { agentId: agent.agentId } });
    await eventually('the question', () => feed.received.find(({ kind }) => kind === 'report-now') ?? null);
    feed.close();
    expect((await fetch(`${server.consoleUrl}/api/v1/agents`, { method: 'HEAD', headers: session })).status).toBe(200);
  });
});

describe('the audit trail', () => {
  it('tells who did what, and who tried to sign in, but no secret', async () => {
    const { id, name } = await newAccount('administrator');
    const session = await signIn(name);
    await refusalOf(signIn(name, 'mistyped but secret'));
    await refusalOf(signIn('typed.secret.as.name', 'mistyped but secret'));
    const token = await newToken('administrator', session);
    await callAs(token.headers, 'revokeApiToken', { params: { id: token.id } });
    const other = await newAccount();
    await callAs(session, 'updateAccount', { params: { id: other.id }, body: { password: 'another given secret' } });
    await callAs(session, 'removeAccount', { params: { id: other.id } });
    const trail = (await server.call('audit', { query: {} }))
      .slice(0, 9)
      .map(({ who, action, subject }) => [who, action, subject]);
    expect(trail).toEqual([
      [name, 'remove-account', other.name],
      [name, 'update-account', other.name],
      ['command line', 'create-account', other.name],
      [`token ${token.name}`, 'revoke-api-token', token.name],
      [name, 'create-api-token', token.name],
      ['nobody', 'sign-in-failed', 'unknown name'],
      ['nobody', 'sign-in-failed', name],
      [name, 'sign-in', name],
      ['command line', 'create-account', name],
    ]);
    const text = JSON.stringify(await server.call('audit', { query: {} }));
    for (const secret of [password, 'mistyped but secret', 'typed.secret', 'another given secret', token.token]) {
      expect(text).not.toContain(secret);
    }
    expect(text).not.toMatch(/scrypt|saltBase64/);
    await server.call('removeAccount', { params: { id } }).catch(() => undefined);
  });

  it('tells of one-time links, too', async () => {
    const token = new URL(server.makeSignInLink()).hash.replace('#token=', '');
    const session = await callAs({}, 'signIn', { body: { token } });
    expect(session).toMatchObject({ name: 'local administrator', role: 'administrator', kind: 'local' });
    expect((await refusalOf(callAs({}, 'signIn', { body: { token } }))).status).toBe(401);
    const trail = (await server.call('audit', { query: {} }))
      .slice(0, 2)
      .map(({ who, action, subject }) => [who, action, subject]);
    expect(trail).toEqual([
      ['nobody', 'sign-in-failed', 'one-time link'],
      ['local administrator', 'sign-in', 'one-time link'],
    ]);
  });
});

it('a caller that runs wild is told to wait, and others are answered', async () => {
  const { headers } = await newToken('read');
  const statuses: number[] = [];
  await eventually('the first refusal', async () => {
    const batch = await Promise.all(
      Array.from({ length: 100 }, () => fetch(`${server.consoleUrl}/api/v1/session`, { headers })),
    );
    for (const answer of batch) {
      statuses.push(answer.status);
      if (answer.status === 429) expect(answer.headers.get('retry-after')).toBe('1');
      await answer.arrayBuffer();
    }
    return statuses.includes(429) ? true : null;
  });
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  expect(await server.call('session', {})).toMatchObject({ name: 'command line', kind: 'local' });
});
