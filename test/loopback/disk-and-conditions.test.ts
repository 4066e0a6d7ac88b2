import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { access, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import type { ComputerConditions } from '../../shared/contracts/conditions.ts';
import { normalConditions } from '../../shared/contracts/conditions.ts';
import type { JournalEntry } from '../../shared/contracts/journal.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../support/agent-fixtures.ts';
import { LoopbackPlace, onLoopback } from './support/agents-on-loopback.ts';
import { settledWanBytesInto, setUpFleetPolicy } from './support/fleet-of-one-subnet.ts';

const port = 27_000 + (process.pid % 1000);
const mebibyte = 1024 * 1024;
const packageBytes = 5 * mebibyte + 11;
const dayMs = 86_400_000;
/** More than any disk that tests run on has free. */
const beyondAnyDisk = 1000;

describe('settings of disk and conditions, over real sockets', () => {
  let place: LoopbackPlace;
  let subnet: string;
  let third: number;

  beforeEach(async () => {
    place = await LoopbackPlace.start();
    third = 60 + (Number(freshLoopbackAddress(60).split('.')[3]) % 100);
    subnet = await setUpFleetPolicy(place.server, freshLoopbackAddress(third), port);
  });

  afterEach(() => place.stop());

  const start = (name: string, conditions: Partial<ComputerConditions> = {}): Promise<RunningAgent> =>
    place.startAgent(name, {
      interface: onLoopback(freshLoopbackAddress(third)),
      port,
      conditions: { ...normalConditions, ...conditions },
    });

  const entry = (name: string, reason: JournalEntry['reason']): Promise<JournalEntry> =>
    eventually(
      `${name} notes ${reason}`,
      async () => (await place.journalOf(name)).find((candidate) => candidate.reason === reason) ?? null,
      15_000,
    );

  const exists = (file: string): Promise<boolean> =>
    access(file).then(
      () => true,
      () => false,
    );

  /** Where the package's files would be made lies something else: a minute passes between two tries. */
  const inTheWay = (name: string, key: string) => path.join(place.agentFolder(name), 'packages', key, 'part');
  const obstruct = (name: string, key: string): void => {
    mkdirSync(path.dirname(inTheWay(name, key)), { recursive: true });
    writeFileSync(inTheWay(name, key), 'no folder');
  };

  const publish = () => place.deliver(randomBytes(packageBytes));

  it('waits while less is free than minFreeDisk keeps, and starts when the policy keeps less', async () => {
    await place.changeOnlyPolicy({ minFreeDisk: beyondAnyDisk });
    await start('a');
    const delivered = await publish();
    expect((await entry('a', 'disk-full')).sentence).toMatch(/GB more have to become free.*1000\.0 GB being kept free/);
    await place.changeOnlyPolicy({ minFreeDisk: 0 });
    await eventually('a has the package', () => delivered.readyOn('a'), 15_000);
  });

  it('tries a failed download again on the computer whose helpdesk says so, and on no other', async () => {
    const [a, b] = [await start('a'), await start('b')];
    // Too small to be shared with peers: no computer depends on the other.
    const delivered = await place.deliver(randomBytes(300_000), {
      imported: (key) => {
        for (const name of ['a', 'b']) obstruct(name, key);
      },
    });
    const [made] = await place.server.call('deliveries', {});
    const params = { id: made?.id ?? '' };
    const standings = async () =>
      (await place.server.call('deliveryAgents', { params, query: {} }))
        .map(({ agentId, state, failure }) => `${agentId === a.agentId ? 'a' : 'b'} ${state} ${failure}`)
        .sort();
    const standAt = (...expected: readonly string[]) =>
      eventually(
        `the agents stand at ${expected.join(', ')}`,
        async () => (String(await standings()) === String(expected) ? true : null),
        15_000,
      );
    await standAt('a failed disk-error', 'b failed disk-error');
    for (const name of ['a', 'b']) await rm(inTheWay(name, delivered.key));
    await place.server.call('retryNow', { params: { agentId: a.agentId } });
    await standAt('a ready null', 'b failed disk-error');
    expect(await delivered.readyOn('a')).toBe(true);
    const [entry] = await place.server.call('audit', { query: {} });
    expect(entry).toMatchObject({ action: 'retry-agent', subject: 'a', after: { agentId: a.agentId } });
    await place.server.call('retryNow', { params: { agentId: b.agentId } });
    await standAt('a ready null', 'b ready null');
  });

  it('begins a package anew whose folder somebody has deleted', async () => {
    const { agentId } = await start('a');
    const delivered = await place.deliver(randomBytes(300_000), { imported: (key) => obstruct('a', key) });
    await entry('a', 'disk-error');
    await rm(path.dirname(inTheWay('a', delivered.key)), { recursive: true });
    await place.server.call('retryNow', { params: { agentId } });
    await eventually('a has the package', () => delivered.readyOn('a'), 20_000);
    const sentences = (await place.journalOf('a')).map(({ sentence }) => sentence);
    expect(sentences).toContain('What was here of the package is gone from the disk. It is fetched anew.');
  });

  it('deletes what was unused for the set time, keeps it deleted, and what is used stays', async () => {
    const first = await start('a');
    const delivered = await publish();
    await eventually('a has the package', () => delivered.readyOn('a'), 15_000);
    const stored = path.join(place.agentFolder('a'), 'packages', delivered.key);
    const lastUsed = path.join(stored, 'last-used');
    await eventually('its use is noted', async () => (await exists(lastUsed)) || null);
    await first.stop();
    await writeFile(lastUsed, String(Date.now() - 2 * dayMs));
    const second = await start('a');
    // Two days are less than the week of a new server: the configuration has come when the agent is online, and nothing goes.
    await eventually(
      'a is online',
      async () => (await place.server.call('agents', {})).some(({ online }) => online) || null,
    );
    expect(await exists(stored)).toBe(true);
    await place.server.call('updateAgentPackage', { body: { deleteUnusedAfterHours: 24 } });
    await eventually('the package is deleted', async () => !(await exists(stored)) || null, 15_000);
    expect((await entry('a', 'deleted')).sentence).toMatch(/unused/);
    const sentBytes = await settledWanBytesInto(place.server, subnet);
    await second.stop();
    await start('a');
    const next = await publish();
    await eventually('a has the next package', () => next.readyOn('a'), 15_000);
    expect(await exists(stored)).toBe(false);
    expect(await settledWanBytesInto(place.server, subnet)).toBe(sentBytes + packageBytes);
  });

  it('does without peers where exceptWhen names the condition, and with them where it does not', async () => {
    await place.changeOnlyPolicy({ exceptWhen: ['metered'] });
    await Promise.all([start('a'), start('b', { metered: true })]);
    const first = await publish();
    for (const name of ['a', 'b']) await eventually(`${name} has it`, () => first.readyOn(name), 20_000);
    expect((await entry('b', 'excepted')).sentence).toMatch(/metered/);
    expect(await settledWanBytesInto(place.server, subnet)).toBe(2 * packageBytes);
    await place.changeOnlyPolicy({ exceptWhen: [] });
    const second = await publish();
    for (const name of ['a', 'b']) await eventually(`${name} has it`, () => second.readyOn(name), 20_000);
    expect(await settledWanBytesInto(place.server, subnet)).toBe(3 * packageBytes);
  });

  it.each([
    ['serveOnBattery', { onBattery: true }, { serveOnBattery: false }, { serveOnBattery: true }],
    ['cpuLimit', { cpuLoadPercent: 85 }, { cpuLimit: 80 }, { cpuLimit: 95 }],
  ] as const)('serves a peer or not as %s says', async (_, conditions, refusing, allowing) => {
    await place.changeOnlyPolicy({ ...refusing, exceptWhen: [] });
    const agent = await start('a');
    const first = await publish();
    await eventually('a has it', () => first.readyOn('a'), 15_000);
    agent.setConditions({ ...normalConditions, ...conditions });
    const served = await start('b');
    await eventually('b has it', () => first.readyOn('b'), 20_000);
    expect(await settledWanBytesInto(place.server, subnet)).toBe(2 * packageBytes);
    await served.stop();
    await place.changeOnlyPolicy(allowing);
    await start('c');
    await eventually('c has it', () => first.readyOn('c'), 20_000);
    expect(await settledWanBytesInto(place.server, subnet)).toBe(2 * packageBytes);
  });
});
