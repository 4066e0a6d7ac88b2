import { describe, expect, it } from 'vitest';
import { ratesOf, type Sample, withSample } from '../../renderer/features/fleet/agent-rates.ts';
import {
  type ActionKind,
  concernedBy,
  fleetSubnets,
  namesOf,
  onePerProcess,
  questionOf,
} from '../../renderer/features/fleet/fleet-rules.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import type { FleetAgentStatus } from '../../shared/contracts/fleet.ts';
import { noImpairments } from '../../shared/contracts/impairments.ts';

function agent(name: string, more: Partial<FleetAgentStatus> = {}): FleetAgentStatus {
  const subnet = '127.77.1.0/24';
  return { name, subnet, state: 'running', workerPid: 1, impairments: noImpairments, ...more } as FleetAgentStatus;
}

const names = (agents: readonly FleetAgentStatus[]) => agents.map(({ name }) => name);

describe('which of the chosen agents an action concerns', () => {
  const chosen = [
    agent('runs'),
    agent('stopped', { state: 'stopped', workerPid: null }),
    agent('failed', { state: 'failed' }),
    agent('corrupts', { impairments: { ...noImpairments, corrupts: true } }),
    agent('slow', { impairments: { ...noImpairments, kilobytesPerSecond: 10 } }),
    agent('unplugged', { impairments: { ...noImpairments, isUnplugged: true } }),
  ];
  const expected: readonly (readonly [ActionKind, readonly string[]])[] = [
    ['start', ['stopped', 'failed']],
    ['stop', ['runs', 'corrupts', 'slow', 'unplugged']],
    ['kill', ['runs', 'corrupts', 'slow', 'unplugged']],
    ['slow-down', names(chosen)],
    ['full-speed', ['slow']],
    ['corrupt', ['runs', 'stopped', 'failed', 'slow', 'unplugged']],
    ['stop-corrupting', ['corrupts']],
    ['unplug', ['runs', 'stopped', 'failed', 'corrupts', 'slow']],
    ['plug-in', ['unplugged']],
    ['move', names(chosen)],
  ];
  it.each(expected)('%s', (kind, whom) => {
    expect(names(concernedBy(kind, chosen))).toEqual(whom);
  });
});

describe('the question before an action', () => {
  const all = [agent('a-01'), agent('a-02'), agent('a-03', { workerPid: 2 }), agent('a-04', { state: 'stopped' })];
  const [first, second, third] = all as [FleetAgentStatus, FleetAgentStatus, FleetAgentStatus];

  it('names everybody who goes down with a process', () => {
    const question = questionOf('kill', [first], all);
    expect(question?.title).toBe('Kill the process of a-01?');
    expect(question?.text).toContain('a-01 and a-02 share this process and end as in a crash');
    expect(questionOf('kill', [third], all)?.text).toContain('a-03 ends as in a crash');
  });

  it('is about each process once', () => {
    expect(names(onePerProcess([first, second, third]))).toEqual(['a-01', 'a-03']);
    expect(questionOf('kill', [first, second, third], all)?.title).toBe('Kill the processes of a-01, a-02 and a-03?');
  });

  it('is asked only where agents are disturbed', () => {
    const asked = (
      ['start', 'stop', 'kill', 'full-speed', 'corrupt', 'stop-corrupting', 'unplug', 'plug-in'] as const
    ).filter((kind) => questionOf(kind, [first], all) !== null);
    expect(asked).toEqual(['stop', 'kill', 'corrupt', 'unplug']);
  });

  it('counts those whose names would make it long', () => {
    const many = Array.from({ length: 7 }, (_, index) => ({ name: `a-0${index + 1}` }));
    expect(namesOf(many)).toBe('a-01, a-02, a-03 and 4 more agents');
    expect(namesOf(many.slice(0, 4))).toBe('a-01, a-02, a-03 and a-04');
  });
});

it('lays agents out by subnet, those of the plan first, names with their numbers as numbers', () => {
  const plan = [{ name: 'Subnet A', subnet: '127.77.1.0/24', wanKilobitsPerSecond: 20_000 }];
  const rows = fleetSubnets(plan, [agent('a-10'), agent('a-2'), agent('x-1', { subnet: '10.1.0.0/24' })]);
  expect(rows.map(({ name, agents }) => [name, names(agents)])).toEqual([
    ['Subnet A', ['a-2', 'a-10']],
    ['10.1.0.0/24', ['x-1']],
  ]);
});

describe('rates', () => {
  const id = 'a'.repeat(32) as AgentId;
  const sample = (atMs: number, directBytes: number, peerBytes: number): Sample => ({
    atMs,
    agents: [{ agentId: id, directBytes, peerBytes }],
  });

  it('are means over the samples of the last five seconds', () => {
    let samples: readonly Sample[] = [];
    for (let second = 0; second <= 9; second++)
      samples = withSample(samples, sample(second * 1000, second * 500, second * 2000));
    expect(samples[0]?.atMs).toBe(4000);
    expect(ratesOf(samples).get(id)).toEqual({ directBytesPerSecond: 500, peerBytesPerSecond: 2000 });
  });

  it('are none while nothing moves, nor below zero after a crash', () => {
    expect(ratesOf([sample(0, 100, 900)]).size).toBe(0);
    expect(ratesOf([sample(0, 100, 900), sample(1000, 100, 900)]).size).toBe(0);
    expect(ratesOf([sample(0, 100, 900), sample(1000, 200, 400)]).get(id)).toEqual({
      directBytesPerSecond: 100,
      peerBytesPerSecond: 0,
    });
  });
});
