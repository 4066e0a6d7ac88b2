import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import { supportCaseSchema } from '../../shared/contracts/support-case.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../support/agent-fixtures.ts';
import { LoopbackPlace, onLoopback } from './support/agents-on-loopback.ts';
import { fanoutOf } from './support/fanout-of-place.ts';
import { setUpFleetPolicy } from './support/fleet-of-one-subnet.ts';

const port = 25_000 + (process.pid % 1000);
let place: LoopbackPlace;
let agent: RunningAgent;
const { run, textOf, answerOf } = fanoutOf(() => place);

beforeAll(async () => {
  place = await LoopbackPlace.start();
  const address = freshLoopbackAddress(50);
  await setUpFleetPolicy(place.server, address, port);
  agent = await place.startAgent('PC-1', { interface: onLoopback(address), port });
  const delivered = await place.deliver(randomBytes(3_000_000));
  await eventually('PC-1 has the package', () => delivered.readyOn('PC-1'), 30_000);
});

afterAll(() => place.stop());

it('tells of a connected agent what it says itself, now', async () => {
  const text = await textOf('diag', 'PC-1');
  expect(text).toMatch(/^PC-1 \([0-9a-f]+\), version 0\.0\.0-test, runs since /);
  expect(text).toMatch(/\nPackages\n {2}\S.*: ready, 2 of 2 blocks \(3\.0 MB\), normal, /);
  expect(text).toMatch(/\nIt knows no peer\.\n/);
  expect(text).toMatch(/\nNewest decisions\n {2}\d{4}-\S+ {2}.+ \(\S+\)\n/);
  const first = supportCaseSchema.parse(await answerOf('diag', agent.agentId));
  expect(first).toMatchObject({ isLive: true, reason: null, agent: { name: 'PC-1' }, alerts: [] });
  expect(first).toMatchObject({ server: { productVersion: '0.0.0-test' } });
  expect(first).toHaveProperty('effectiveSettings.0.from.name');
  const second = supportCaseSchema.parse(await answerOf('diag', 'PC-1'));
  expect(second.diagnostics?.atMs).toBeGreaterThan(first.diagnostics?.atMs ?? Number.POSITIVE_INFINITY);
});

it('shows what is stored of an agent that does not tell, or is offline, and says so', async () => {
  const silent = await place.enrol({ name: 'SILENT' });
  await silent.openFeed();
  await eventually('it is online', async () => ((await place.isOnline(silent.agentId)) ? true : null));
  expect(await textOf('diag', 'SILENT', '--timeout', '1')).toContain('did not tell its diagnostics within 1 s');
  await agent.stop();
  await eventually('it is offline', async () => ((await place.isOnline(agent.agentId)) ? null : true));
  const text = await textOf('diag', 'PC-1');
  expect(text).toContain('PC-1 is offline since ');
  expect(text).toMatch(/ ready +2\/2 /);
  expect(await answerOf('diag', 'PC-1')).toMatchObject({ isLive: false, diagnostics: null, agent: { online: false } });
  expect(await run('diag', 'NOBODY')).toMatchObject({ exitCode: 7, stdout: '' });
});
