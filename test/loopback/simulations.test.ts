import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConsoleRequestError } from '../../shared/contracts/console-request.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { defaultGeneratedOrganisation, defaultSimulationRequest } from '../../shared/contracts/simulation.ts';
import type { SimulationJob, SimulationOrder } from '../../shared/contracts/simulations-api.ts';
import { defaultServerOrganisation, maximumWaitingSimulations } from '../../shared/contracts/simulations-api.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';
import { eventually } from '../notification-server/support/test-server.ts';

let place: ServerPlace;

beforeEach(async () => {
  place = await ServerPlace.start();
});

afterEach(() => place.stop());

const peers = { ...defaultAgentSettings, peerDownloading: true };
const { settings: _settings, organisation: _organisation, ...usual } = defaultSimulationRequest;

function order(more: Partial<SimulationOrder> = {}): SimulationOrder {
  return {
    ...usual,
    organisation: { ...defaultGeneratedOrganisation, agents: 8, sites: 2, regions: 1, packageServers: 'none' },
    packageMebibytes: 16,
    variants: [{ name: 'Peers', settings: peers }],
    maximumWallSeconds: null,
    ...more,
  };
}

/** Takes longer than a test. */
const endless = () => order({ organisation: { ...defaultGeneratedOrganisation, agents: 5000, sites: 30 } });

const start = (body: SimulationOrder) => place.server.call('startSimulation', { body });
const read = (id: string) => place.server.call('simulation', { params: { id } });
const cancel = (id: string) => place.server.call('cancelSimulation', { params: { id } });

function ended(id: string): Promise<SimulationJob> {
  return eventually(
    'the simulation has ended',
    async () => {
      const job = await read(id);
      return job.endedAtMs === null ? null : job;
    },
    50_000,
  );
}

function running(id: string): Promise<SimulationJob> {
  return eventually(
    'the simulation tells how far it is',
    async () => {
      const job = await read(id);
      return job.state === 'running' && job.progress !== null ? job : null;
    },
    20_000,
  );
}

describe('a simulation', () => {
  it('compares two policies in the same organisation', async () => {
    const direct = { name: 'Direct', settings: { ...defaultAgentSettings, peerDownloading: false } };
    const variants = [...order().variants, direct];
    const job = await ended((await start(order({ variants }))).id);
    expect(job).toMatchObject({ state: 'done', problem: null, startedBy: expect.any(String), notes: [] });
    expect(job.results?.map(({ agents, ready, violations }) => ({ agents, ready, violations }))).toEqual([
      { agents: 8, ready: 8, violations: [] },
      { agents: 8, ready: 8, violations: [] },
    ]);
    const [withPeers, withoutPeers] = job.results ?? [];
    expect(withPeers?.peerShare).toBeGreaterThan(0.5);
    expect(withoutPeers?.peerBytes).toBe(0);
  });

  it('comes out the same for the same seed, and is listed', async () => {
    const first = await ended((await start(order())).id);
    const second = await ended((await start(order())).id);
    expect(second.results?.[0]?.traceHash).toBe(first.results?.[0]?.traceHash);
    const listed = await place.server.call('simulations', {});
    expect(listed.map(({ id }) => id)).toEqual([second.id, first.id]);
  });

  it('draws fewer sites where time is limited, and says of how many', async () => {
    const organisation = { ...defaultGeneratedOrganisation, agents: 3000, sites: 300, regions: 3 };
    const job = await ended((await start(order({ organisation, maximumWallSeconds: 5 }))).id);
    expect(job.state).toBe('done');
    expect(job.results?.[0]).toMatchObject({ sampledFrom: 3000 });
    expect(job.results?.[0]?.agents).toBeLessThan(3000);
    expect(job.results?.[0]?.ready).toBe(job.results?.[0]?.agents);
  });

  it('is cancelled while it runs, and the next one begins', async () => {
    const { id } = await start(endless());
    await running(id);
    const next = await start(order());
    expect(next.state).toBe('waiting');
    await cancel(id);
    expect(await read(id)).toMatchObject({ state: 'cancelled', results: null });
    expect((await ended(next.id)).state).toBe('done');
    await cancel(next.id);
    expect((await read(next.id)).state).toBe('done');
  });

  it('waits its turn; when too many wait, the next is refused', async () => {
    for (let count = 0; count <= maximumWaitingSimulations; count++) await start(endless());
    const refused = await start(order()).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ConsoleRequestError);
    expect(refused).toMatchObject({ status: 503, details: { code: 'busy' } });
    const states = (await place.server.call('simulations', {})).map(({ state }) => state);
    expect(states).toEqual([...Array.from({ length: maximumWaitingSimulations }, () => 'waiting'), 'running']);
  });

  it('does not hold up a server that stops', async () => {
    const { id } = await start(endless());
    await running(id);
    await place.restartServer();
    await expect(read(id)).rejects.toMatchObject({ status: 404 });
  });
});

describe('the organisation of the server', () => {
  const fromServer = (more: Partial<typeof defaultServerOrganisation> = {}) =>
    order({ organisation: { ...defaultServerOrganisation, ...more } });

  it('has nothing to simulate while there are no agents', async () => {
    await expect(start(fromServer())).rejects.toThrow('No agent has ever reported to this server');
  });

  it('is made of its sites, links, subnets, agents and Package Servers', async () => {
    const site = (name: string, subnet: string, more: object = {}) =>
      place.server.call('createSite', { body: { name, subnets: [subnet], wanKilobitsPerSecond: 8000, ...more } });
    const region = await site('Region', '127.30.1.0/24', { wanKilobitsPerSecond: 50_000 });
    const empty = await site('Empty', '127.30.2.0/24', { parentId: region.id });
    await site('Branch', '127.30.3.0/24', { parentId: empty.id, acquisitionSchedule: 'mon-fri 08-18 50%' });
    const server = await place.enrol({ name: 'server', localAddress: '127.30.1.2' });
    await place.server.call('addPackageServer', { body: { agentId: server.agentId } });
    for (const name of ['a', 'b', 'c']) await place.enrol({ name, localAddress: `127.30.3.${name.charCodeAt(0)}` });
    await place.enrol({ name: 'stray', localAddress: '127.30.9.9' });

    const job = await ended((await start(fromServer())).id);
    expect(job.state).toBe('done');
    expect(job.notes).toEqual([
      'One site without agents is left out.',
      'One agent is in no site: it is simulated as one place with an unlimited WAN link.',
      'Schedules and outward limits of WAN links are left out: a link has its full width into the site at all hours.',
    ]);
    const rows = job.results?.[0]?.wanBytesBySite.map(({ name, agents }) => `${name}: ${agents}`).sort();
    expect(rows).toEqual(['Branch: 3', 'In no site: 1', 'Region: 1']);
  });

  it('is only what a policy would apply to, where one is tried', async () => {
    for (const name of ['pc-1', 'pc-2', 'laptop-1']) {
      await place.enrol({ name, localAddress: `127.30.5.${name.length + Number(name.at(-1))}` });
    }
    const target = (pattern: string) => ({ kind: 'names' as const, patterns: [pattern] });
    const policy = await place.server.call('createPolicy', {
      body: { name: 'Laptops', target: target('laptop*'), settings: peers },
    });
    const tried = (pattern: string) => start(fromServer({ policy: { id: policy.id, target: target(pattern) } }));
    const job = await ended((await tried('pc*')).id);
    expect(job.notes[0]).toBe('Simulated are the 2 of 3 agents that would have this policy.');
    expect(job.results?.[0]?.agents).toBe(2);
    await expect(tried('nobody')).rejects.toThrow('No agent would have this policy');
  });
});

it('helpdesk may simulate, and whoever only reads may look', async () => {
  const { consoleUrl } = place.server;
  const ask = async (scope: 'read' | 'helpdesk', method: string, path: string, body?: SimulationOrder) => {
    const { token } = await place.server.call('createApiToken', {
      body: { name: `${scope}-${method}-${path.length}`, scope, expiresInDays: 1 },
    });
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return (await fetch(`${consoleUrl}/api/v1${path}`, init)).status;
  };
  expect(await ask('read', 'POST', '/simulations', order())).toBe(403);
  expect(await ask('helpdesk', 'POST', '/simulations', order())).toBe(200);
  const [job] = await place.server.call('simulations', {});
  expect(await ask('read', 'GET', `/simulations/${job?.id}`)).toBe(200);
  expect(await ask('read', 'DELETE', `/simulations/${job?.id}`)).toBe(403);
  expect(await ask('helpdesk', 'DELETE', `/simulations/${job?.id}`)).toBe(204);
});
