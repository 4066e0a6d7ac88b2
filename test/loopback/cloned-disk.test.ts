import { randomBytes } from 'node:crypto';
import { cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentOptions, RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../support/agent-fixtures.ts';
import { LoopbackPlace, onLoopback } from './support/agents-on-loopback.ts';
import { settledWanBytesInto, setUpFleetPolicy } from './support/fleet-of-one-subnet.ts';

const port = 27_000 + (process.pid % 700);

describe('a disk that was copied', () => {
  let place: LoopbackPlace;

  beforeEach(async () => {
    place = await LoopbackPlace.start();
  });

  afterEach(() => place.stop());

  const start = (name: string, address: string, more: Partial<AgentOptions> = {}): Promise<RunningAgent> =>
    place.startAgent(name, { interface: onLoopback(address), port, ...more });
  const isOnline = (agentId: AgentId) =>
    eventually('it is online', async () => ((await place.isOnline(agentId)) ? true : null), 20_000);
  const clonesFound = async () => (await place.server.call('alerts', {})).filter(({ kind }) => kind === 'agent-cloned');

  it('gets an identity of its own, keeps its packages, and the administrator is told', async () => {
    const [first, second] = [freshLoopbackAddress(91), freshLoopbackAddress(91)];
    const subnet = await setUpFleetPolicy(place.server, first, port);
    const before = await start('original', first);
    const content = randomBytes(5 * 1024 * 1024);
    const delivered = await place.deliver(content);
    await eventually('it has the package', () => delivered.readyOn('original'), 20_000);
    await before.stop();
    await cp(place.agentFolder('original'), place.agentFolder('copy'), { recursive: true });
    const sent = await settledWanBytesInto(place.server, subnet);

    const original = await start('original', first);
    await isOnline(original.agentId);
    const changed: AgentId[] = [];
    const copy = await start('copy', second, { onIdentityChanged: (agentId) => changed.push(agentId) });
    const ownId = await eventually('the copy has an id of its own', () => changed[0] ?? null, 20_000);
    expect(original.agentId).toBe(before.agentId);
    expect(copy.agentId).toBe(ownId);
    expect(ownId).not.toBe(original.agentId);
    await isOnline(ownId);
    await isOnline(original.agentId);

    const identity = async (name: string) =>
      JSON.parse(await readFile(path.join(place.agentFolder(name), 'identity.json'), 'utf8'));
    const [one, other] = [await identity('original'), await identity('copy')];
    expect(other.agentId).toBe(ownId);
    expect(other.privateKeyPem).not.toBe(one.privateKeyPem);
    const file = path.join(place.agentFolder('copy'), 'packages', delivered.key, 'files', delivered.fileName);
    expect((await readFile(file)).equals(content)).toBe(true);
    expect(await settledWanBytesInto(place.server, subnet)).toBe(sent);
    const listed = await place.server.call('agents', {});
    expect(listed.find(({ agentId }) => agentId === original.agentId)?.address).toBe(first);
    expect(listed.find(({ agentId }) => agentId === ownId)?.address).toBe(second);

    const [alert] = await clonesFound();
    expect(alert).toMatchObject({ agentId: original.agentId, reportedBy: null });
    expect(alert?.detail).toContain(second);
    const entries = await place.server.call('audit', { query: {} });
    expect(entries.some(({ action, subject }) => action === 'agent-cloned' && subject === 'original')).toBe(true);
  });

  it('is not suspected where an agent is restarted, or comes back at another address', async () => {
    const [first, second] = [freshLoopbackAddress(92), freshLoopbackAddress(92)];
    await setUpFleetPolicy(place.server, first, port);
    const ids = new Set<AgentId>();
    for (const address of [first, first, second, first]) {
      const agent = await start('mover', address);
      ids.add(agent.agentId);
      await isOnline(agent.agentId);
      await agent.stop();
    }
    expect(ids.size).toBe(1);
    expect(await clonesFound()).toEqual([]);
  });
});
