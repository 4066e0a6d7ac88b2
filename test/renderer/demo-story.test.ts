import { describe, expect, it, vi } from 'vitest';
import { createDemoStore, type Killed, nothingYet } from '../../renderer/features/guided-demo/demo-memory.ts';
import {
  type DemoWorld,
  demoDelivery,
  demoLinks,
  isStepOpen,
  nextVersion,
  refusalsOf,
  stepsDone,
  successorOf,
  victimOf,
} from '../../renderer/features/guided-demo/demo-story.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';
import type { Delivery } from '../../shared/contracts/deliveries-api.ts';
import type { FleetAgentStatus } from '../../shared/contracts/fleet.ts';
import { noImpairments } from '../../shared/contracts/impairments.ts';

const key = 'd'.repeat(40) as PackageKey;
const subnetA = '127.77.1.0/24';
const subnetB = '127.77.2.0/24';
const idOf = (name: string) => name.charCodeAt(0).toString(16).padStart(30, '0') as AgentId;

function agent(name: string, subnet: string, workerPid: number): FleetAgentStatus {
  return {
    name,
    agentId: agentIdOf(name),
    subnet,
    workerPid,
    state: 'running',
    impairments: noImpairments,
  } as FleetAgentStatus;
}
function agentIdOf(name: string): AgentId {
  return `${idOf(name)}${name.slice(-2)}` as AgentId;
}

const agents = [
  agent('a-01', subnetA, 1),
  agent('a-02', subnetA, 1),
  agent('a-03', subnetA, 2),
  agent('b-01', subnetB, 3),
  agent('b-02', subnetB, 3),
];

function delivery(ready: number, more: Partial<Delivery> = {}): Delivery {
  return {
    key,
    packageName: 'Demo package',
    status: 'running',
    agents: 5,
    ready,
    createdAtMs: 1000,
    ...more,
  } as Delivery;
}

function world(more: Partial<DemoWorld> = {}): DemoWorld {
  const subnets = [
    { name: 'Subnet A', subnet: subnetA, wanKilobitsPerSecond: 20_000 },
    { name: 'Subnet B', subnet: subnetB, wanKilobitsPerSecond: 20_000 },
  ];
  const fleet = { running: true, subnets, agents } as unknown as DemoWorld['fleet'];
  return { fleet, agents: [], deliveries: [], wanCopies: [], claims: [], alerts: [], ...more };
}

const crossed = (subnet: string, copies: number) =>
  ({ subnet, siteName: null, key, copies }) as DemoWorld['wanCopies'][number];
const claim = (
  name: string,
  subnet: string,
  epoch: number,
  end: 'lost' | 'completed' | null = null,
  claimedAtMs = epoch * 1000,
) =>
  ({ key, subnet, epoch, agentId: agentIdOf(name), agentName: name, end, claimedAtMs }) as DemoWorld['claims'][number];

describe('what the demo looks at', () => {
  it('is the newest delivery of a demo package', () => {
    const deliveries = [
      delivery(0, { packageName: 'Office' }),
      delivery(1, { status: 'cancelled' }),
      delivery(2),
      delivery(5),
    ];
    expect(demoDelivery({ deliveries })?.ready).toBe(2);
    expect(demoDelivery({ deliveries: [] })).toBeNull();
  });

  it('is what crossed the links for that package alone, by the names of the fleet', () => {
    const other = { ...crossed(subnetA, 9), key: 'e'.repeat(40) as PackageKey };
    const links = demoLinks(world({ wanCopies: [crossed(subnetB, 0.4), other, crossed(subnetA, 0.5)] }), key);
    expect(links.map(({ name, copies }) => [name, copies])).toEqual([
      ['Subnet A', 0.5],
      ['Subnet B', 0.4],
    ]);
  });
});

describe('the first downloader to be killed', () => {
  it('is the one nearest to half-way, with those who share its process', () => {
    const wanCopies = [crossed(subnetA, 0.45), crossed(subnetB, 0.7)];
    const claims = [claim('a-02', subnetA, 1), claim('b-01', subnetB, 1)];
    const victim = victimOf(world({ wanCopies, claims }), delivery(0));
    expect(victim?.agent.name).toBe('a-02');
    expect(victim?.others).toEqual(['a-01']);
    expect(victim?.link.name).toBe('Subnet A');
  });

  it('is nobody before anything crossed, when all has, and where the claim is over', () => {
    const claims = [claim('a-02', subnetA, 1)];
    expect(victimOf(world({ wanCopies: [crossed(subnetA, 0.05)], claims }), delivery(0))).toBeNull();
    expect(victimOf(world({ wanCopies: [crossed(subnetA, 0.95)], claims }), delivery(0))).toBeNull();
    const lost = [claim('a-02', subnetA, 2, 'lost')];
    expect(victimOf(world({ wanCopies: [crossed(subnetA, 0.5)], claims: lost }), delivery(0))).toBeNull();
  });

  it('is followed by whoever claims next', () => {
    const killed = { agentId: agentIdOf('a-02'), subnet: subnetA, key, epoch: 1, atMs: 5000 } as Killed;
    expect(successorOf(world({ claims: [claim('a-02', subnetA, 1)] }), killed)).toBeNull();
    const claims = [claim('a-02', subnetA, 1), claim('a-03', subnetA, 2), claim('b-01', subnetB, 3)];
    expect(successorOf(world({ claims }), killed)?.agentName).toBe('a-03');
  });
});

describe('who damages blocks', () => {
  it('is told by those who refused its blocks since', () => {
    const told = { kind: 'corrupt-blocks' as const, agentId: agentIdOf('b-01'), reportedBy: agentIdOf('b-02') };
    const alerts = [
      { ...told, count: 2, lastAtMs: 7000 },
      { ...told, count: 9, lastAtMs: 10 },
    ] as unknown as DemoWorld['alerts'];
    const known = [{ agentId: agentIdOf('b-02'), name: 'b-02' }] as unknown as DemoWorld['agents'];
    expect(refusalsOf(world({ alerts, agents: known }), agentIdOf('b-01'), 5000)).toEqual({
      blocks: 2,
      reporters: ['b-02'],
    });
  });
});

describe('the steps', () => {
  it('happen one after the other, by what the server tells', () => {
    expect(stepsDone(world(), nothingYet)).toEqual(['fleet']);
    expect(stepsDone(world({ deliveries: [delivery(4)] }), nothingYet)).toEqual(['fleet']);
    const complete = world({ deliveries: [delivery(5)] });
    expect(stepsDone(complete, nothingYet)).toEqual(['fleet', 'deliver']);
    const killed = { agentId: agentIdOf('a-02'), subnet: subnetA, key, epoch: 1, atMs: 5000 } as Killed;
    expect(stepsDone(complete, { ...nothingYet, killed })).toEqual(['fleet', 'deliver', 'kill']);
  });

  it('are not done by damage that nobody was asked for', () => {
    const corrupted = {
      agentId: agentIdOf('b-01'),
      name: 'b-01',
      subnet: subnetB,
      subnetName: 'Subnet B',
      key,
      atMs: 900,
    };
    const memory = { ...nothingYet, corrupted };
    expect(stepsDone(world({ deliveries: [delivery(5)] }), memory)).not.toContain('corrupt');
    const alerts = [
      { kind: 'corrupt-blocks', agentId: agentIdOf('b-01'), reportedBy: null, count: 1, lastAtMs: 2000 },
    ] as unknown as DemoWorld['alerts'];
    expect(stepsDone(world({ deliveries: [delivery(5)], alerts }), memory)).toContain('corrupt');
    expect(
      stepsDone(world({ deliveries: [delivery(5, { key: 'e'.repeat(40) as PackageKey })], alerts }), memory),
    ).not.toContain('corrupt');
  });

  it('stay done when a further delivery begins, and open the next', () => {
    const done = stepsDone(world({ deliveries: [delivery(1)] }), { ...nothingYet, done: ['fleet', 'deliver'] });
    expect(done).toEqual(['fleet', 'deliver']);
    expect(['fleet', 'deliver', 'kill', 'corrupt', 'sources'].map((step) => isStepOpen(step as 'fleet', done))).toEqual(
      [true, true, true, false, true],
    );
  });
});

it('counts versions on', () => {
  expect(nextVersion([])).toBe('1.0');
  expect(nextVersion(['1.0', '1.9', '1.10', '2.5', 'x'])).toBe('1.11');
});

describe('what is remembered', () => {
  it('is there again in the same window, unless somebody else wrote it', () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, text: string) => kept.set(name, text),
    };
    createDemoStore(storage).remember({ step: 'kill', done: ['fleet', 'deliver'] });
    expect(createDemoStore(storage).store.getState().memory).toMatchObject({
      step: 'kill',
      done: ['fleet', 'deliver'],
    });
    kept.set('fanout.guided-demo', '{"step":7}');
    expect(createDemoStore(storage).store.getState().memory).toEqual(nothingYet);
  });

  it('holds in the window where storage is forbidden', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new Error('full');
      },
    };
    const { store, remember } = createDemoStore(full);
    remember({ hasLooked: true });
    expect(store.getState().memory.hasLooked).toBe(true);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });
});
