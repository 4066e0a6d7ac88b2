import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Delivery } from '../../shared/contracts/deliveries-api.ts';
import type { OpenSession } from '../../shared/contracts/people-api.ts';
import { runFanoutHere } from '../cli/fanout-here.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';
import { importPackage } from '../notification-server/support/test-server.ts';
import { fanoutOf } from './support/fanout-of-place.ts';

let place: ServerPlace;
const { run, textOf, answerOf } = fanoutOf(() => place);

beforeAll(async () => {
  place = await ServerPlace.start();
});

afterAll(() => place.stop());

it('says how the server is, and where none is', async () => {
  expect(await answerOf('status')).toMatchObject({
    consoleUrl: place.server.consoleUrl,
    health: { status: 'ok' },
    session: { kind: 'local' },
    overview: { agents: 0, packages: 0 },
    alerts: 0,
  });
  expect(await textOf('status')).toMatch(/^server .* well\nconsole .*\n(.*\n)*alerts +none\n$/);
  const elsewhere = ['--console', 'http://127.0.0.1:9', '--token', 'x'];
  expect((await runFanoutHere(['status', ...elsewhere])).exitCode).toBe(3);
});

it('lists and ends sessions, and lists group keys and alerts', async () => {
  expect(await run('session', 'list')).toMatchObject({ exitCode: 0, stdout: '' });
  const signInToken = new URL(place.server.makeSignInLink()).hash.split('=').at(-1) ?? '';
  const answer = await fetch(`${place.server.consoleUrl}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'Browser/1' },
    body: JSON.stringify({ token: signInToken }),
  });
  expect(answer.status).toBe(200);
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  const whoAmI = () => fetch(`${place.server.consoleUrl}/api/v1/session`, { headers: { cookie } });
  expect((await whoAmI()).status).toBe(200);
  expect(await textOf('session', 'list')).toContain('Browser/1');
  const [session] = (await answerOf('session', 'list')) as OpenSession[];
  expect(await run('session', 'end', 'unknown')).toMatchObject({ exitCode: 7 });
  expect(await textOf('session', 'end', session?.id.slice(0, 8) ?? '')).toContain('is ended.');
  expect((await whoAmI()).status).toBe(401);
  expect(await answerOf('group-keys')).toMatchObject([{ id: 1 }, { id: 2 }]);
  expect(await textOf('group-keys')).toMatch(/\n1 +in use .*\n2 +to come /);
  expect(await answerOf('alerts')).toEqual([]);
});

it('tells alerts, of all agents or of one', async () => {
  const [good, bad] = [await place.enrol({ name: 'GOOD' }), await place.enrol({ name: 'BAD' })];
  const event = {
    kind: 'bad-block',
    sequence: 1,
    atMs: 1,
    key: 'a'.repeat(40),
    block: 3,
    peer: bad.agentId,
    isBanned: false,
  };
  const body = { installationEpoch: 1, events: [event] };
  expect((await good.request('/events', { method: 'POST', body })).status).toBe(200);
  expect(await textOf('alerts')).toMatch(/\n\S+ \S+ +corrupt-blocks +BAD +1 /);
  expect(await answerOf('alerts', '--agent', 'BAD')).toEqual([expect.objectContaining({ agentId: bad.agentId })]);
  expect(await answerOf('alerts', '--agent', 'GOOD')).toEqual([]);
});

it('changes a delivery that has not begun, and no other', async () => {
  const file = path.join(place.folder, 'Editor');
  await writeFile(file, 'content');
  await importPackage(place.server, file, '1.0');
  const early = ['--available-from', '2099-01-31T02:30Z', '--download-window', 'sat,sun 00:00-00:00'];
  const { id } = (await answerOf('deliver', 'Editor', '--duration', '5', ...early)) as Delivery;
  const change = async (...more: string[]) => answerOf('delivery', 'change', id.slice(0, 8), ...more);
  const stage = ['--stage', 'all=by-hand', '--target', 'name:PILOT-*'];
  expect(await change(...stage, '--deadline', '2099-03-01T00:00Z')).toMatchObject({
    target: { kind: 'names', patterns: ['PILOT-*'] },
    laterStages: [{ target: { kind: 'all' }, start: { kind: 'by-hand' } }],
    availableFromMs: Date.UTC(2099, 0, 31, 2, 30),
    deadlineMs: Date.UTC(2099, 2, 1),
    downloadWindows: [{ days: ['sat', 'sun'] }],
    installation: { durationSeconds: 5 },
  });
  const less = ['--no-stages', '--no-deadline', '--no-download-windows', '--no-install', '--priority', 'background'];
  expect(await change(...less)).toMatchObject({
    target: { kind: 'names' },
    laterStages: [],
    deadlineMs: null,
    downloadWindows: [],
    installation: null,
    priority: 'background',
  });
  expect(await run('delivery', 'change', id)).toMatchObject({ exitCode: 2, stdout: '' });
  const wrong = await run('delivery', 'change', id, '--deadline', '2098-01-01T00:00Z');
  expect([wrong.exitCode, wrong.stderr]).toEqual([1, expect.stringContaining('deadlineMs: ')]);
  await change('--no-available-from');
  const begun = await run('delivery', 'change', id, '--priority', 'normal');
  expect([begun.exitCode, begun.stderr]).toEqual([1, expect.stringContaining('This delivery has begun')]);
});
