import { describe, expect, it } from 'vitest';
import type { KnownPolicy } from '../../renderer/features/simulation/simulation-form.ts';
import { formOf, newForm, orderOf, standardPolicyName } from '../../renderer/features/simulation/simulation-form.ts';
import {
  curveEnd,
  curvePoints,
  hasHours,
  reasonRows,
  siteRows,
} from '../../renderer/features/simulation/simulation-rows.ts';
import {
  assumptionWords,
  figureRows,
  progressWords,
  sampleWords,
  verdictWords,
  virtualTimeWords,
} from '../../renderer/features/simulation/simulation-words.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import type { SimulationResult } from '../../shared/contracts/simulation.ts';
import type { SimulationOrder } from '../../shared/contracts/simulations-api.ts';

const policies: readonly KnownPolicy[] = [
  { id: 'a', name: 'Laptops', settings: { ...defaultAgentSettings, peerDownloading: true } },
  { id: 'b', name: 'Global', settings: defaultAgentSettings },
];

function result(more: Partial<SimulationResult> = {}): SimulationResult {
  return {
    ...{
      agents: 8,
      ready: 8,
      neverOn: 0,
      virtualSeconds: 90,
      wallSeconds: 1.26,
      peakRssMib: 100,
      events: 1000,
      seed: 1,
    },
    ...{ wanCopiesPerSite: { max: 1, mean: 1 }, unexcusedWanCopiesPerSite: { max: 1, mean: 1 } },
    ...{ coreClients: 2, directBytes: 2_000_000, peerBytes: 6_000_000 },
    ...{ penetration: { p50: 10, p98: 20, p999: 30, p100: 30 }, peerShare: 0.75, traceHash: 'x' },
    ...{ penetrationSinceOn: { p50: 10, p98: 20, p999: 30, p100: 30 } },
    ...{ penetrationCurve: [], wanBytesBySite: [], whyDirect: [], faults: [], violations: [] },
    ...{ assumptions: [], sampledFrom: null },
    ...more,
  };
}

it.each([
  [0.04, '0 s'],
  [17.42, '17.4 s'],
  [192, '3 min 12 s'],
  [3600, '1 h'],
  [18_420, '5 h 7 min'],
  [183_600, '2 days 3 h'],
])('%d virtual seconds are %s', (seconds, words) => {
  expect(virtualTimeWords(seconds)).toBe(words);
});

describe('the words on a result', () => {
  it('say what the tried policy changes', () => {
    const other = result({ penetration: { p50: 10, p98: 192, p999: null, p100: null }, directBytes: 9_000_000 });
    expect(verdictWords(['New', 'Old'], [result(), other])).toBe(
      'New against Old: 98 % are ready after 20 s instead of 3 min 12 s; servers send 2.00 MB instead of 9.00 MB.',
    );
    expect(verdictWords(['New', 'Old'], [result(), result()])).toBe(
      'New against Old: 98 % are ready after 20 s with both; servers send 2.00 MB with both.',
    );
    expect(verdictWords(['Alone'], [result()])).toBeNull();
  });

  it('never call what was not reached a time', () => {
    const late = result({ ready: 7, penetration: { p50: 10, p98: null, p999: null, p100: null } });
    const rows = new Map(figureRows([late]).map(({ id, values }) => [id, values[0]]));
    expect([rows.get('ready'), rows.get('p98')]).toEqual(['7 of 8', 'not in the time allowed']);
    expect(verdictWords(['New', 'Old'], [late, result()])).toContain('98 % of the agents are not reached');
  });

  it('tell those apart that were never on', () => {
    const inOffices = result({
      ...{ agents: 1000, ready: 950, neverOn: 50 },
      ...{ penetration: { p50: 23_040, p98: null, p999: null, p100: null } },
      ...{ penetrationSinceOn: { p50: 1, p98: 75, p999: null, p100: null } },
    });
    const rows = new Map(figureRows([inOffices]).map(({ id, values }) => [id, values[0]]));
    expect(['ready', 'never-on', 'p98', 'on-p98', 'on-p999'].map((id) => rows.get(id))).toEqual([
      ...['950 of 1,000', '50', 'not in the time allowed', '1 min 15 s', 'not in the time allowed'],
    ]);
  });

  it('say what was sampled', () => {
    expect(sampleWords(result())).toBe('All 8 agents were simulated, in 1.3 s.');
    expect(sampleWords(result({ sampledFrom: 54_000 }))).toContain('8 of 54,000 agents, in 0 sites.');
    expect(sampleWords(result({ sampledFrom: 54_000 }))).toContain('the direction, and little more');
    expect(sampleWords(result({ sampledFrom: 54_000, agents: 2000 }))).not.toContain('little more');
  });

  it('list each assumption once, what the server left out first', () => {
    const results = [result({ assumptions: ['Same', 'One'] }), result({ assumptions: ['Same', 'Two'] })];
    expect(assumptionWords({ notes: ['Left out'], results }, ['New', 'Old'])).toEqual([
      'Left out',
      'Same',
      'New: One',
      'Old: Two',
    ]);
  });
});

describe('two results beside each other', () => {
  it('have a share of both at every time of either', () => {
    const first = result({
      penetrationCurve: [
        { seconds: 0, share: 0, onShare: 0.5 },
        { seconds: 10, share: 1, onShare: 1 },
      ],
    });
    const second = result({
      penetrationCurve: [
        { seconds: 0, share: 0, onShare: 0.5 },
        { seconds: 5, share: 0.5, onShare: 0.75 },
        { seconds: 20, share: 1, onShare: 1 },
      ],
    });
    const points = curvePoints([first, second]);
    expect(points).toEqual([
      { seconds: 0, first: 0, second: 0, on: 0.5 },
      { seconds: 5, first: 0, second: 0.5, on: 0.75 },
      { seconds: 10, first: 1, second: 0.5, on: 1 },
      { seconds: 20, first: 1, second: 1, on: 1 },
    ]);
    expect(curveEnd(points)).toBe(20);
    expect(curvePoints([first]).at(-1)).toEqual({ seconds: 10, first: 1, second: null, on: 1 });
  });

  it('tell who could be ready only where computers were off', () => {
    const alwaysOn = result({ penetrationCurve: [{ seconds: 0, share: 0, onShare: 1 }] });
    const inOffices = result({ penetrationCurve: [{ seconds: 0, share: 0, onShare: 0.15 }] });
    expect([alwaysOn, inOffices].map((one) => hasHours(curvePoints([one])))).toEqual([false, true]);
  });

  it('have the worst site of either first', () => {
    const rows = siteRows([
      result({
        wanBytesBySite: [
          { name: 'A', agents: 4, wanBytes: 50, copies: 1 },
          { name: 'B', agents: 4, wanBytes: 40, copies: 1 },
        ],
      }),
      result({
        wanBytesBySite: [
          { name: 'B', agents: 4, wanBytes: 400, copies: 8 },
          { name: 'A', agents: 4, wanBytes: 50, copies: 1 },
        ],
      }),
    ]);
    expect(rows.map(({ name, first, second, secondCopies }) => [name, first, second, secondCopies])).toEqual([
      ['B', 40, 400, 8],
      ['A', 50, 50, 1],
    ]);
  });

  it('have the reasons of either', () => {
    const rows = reasonRows([
      result({ whyDirect: [{ reason: 'lane', bytes: 10 }] }),
      result({ whyDirect: [{ reason: 'peer-downloading-off', bytes: 30 }] }),
    ]);
    expect(rows.map(({ id, first, second }) => [id, first, second])).toEqual([
      ['peer-downloading-off', 0, 30],
      ['lane', 10, 0],
    ]);
  });
});

describe('the form of a simulation', () => {
  const ordered = (form: Parameters<typeof orderOf>[0]): SimulationOrder => {
    const { order, problems } = orderOf(form, policies);
    if (order === null) throw new Error([...problems.values()].join());
    return order;
  };

  it('orders a sample of the server by the first policy', () => {
    const order = ordered(newForm('server', policies));
    expect(order).toMatchObject({ organisation: { kind: 'server', policy: null }, agentBound: 5000 });
    expect(order.variants).toEqual([{ name: 'Laptops', settings: policies[0]?.settings }]);
  });

  it('is what an order was made from', () => {
    const form = {
      ...newForm('generated', policies),
      ...{ zones: '-5.5, 1', otherPolicyId: '', maximumWallSeconds: null, seed: 7 },
    };
    const order = ordered(form);
    expect(order.organisation).toMatchObject({ utcOffsetsMinutes: [-330, 60] });
    expect(order.variants.map(({ name }) => name)).toEqual(['Laptops', standardPolicyName]);
    expect(order.agentBound).toBeNull();
    expect(ordered(formOf(order, policies))).toEqual(order);
  });

  it('names the field that is wrong', () => {
    const form = newForm('generated', policies);
    const problemsOf = (change: Partial<typeof form>) => orderOf({ ...form, ...change }, policies).problems;
    expect([...problemsOf({ packageMebibytes: Number.NaN }).keys()]).toEqual(['packageMebibytes']);
    expect(problemsOf({ generated: { ...form.generated, agents: 3 } }).get('agents')).toContain('at least one agent');
    expect(problemsOf({ zones: '1, x' }).get('utcOffsetsMinutes')).toBe(
      'List hours from UTC, -12 to 14, such as -5, 1, 8.',
    );
    expect(problemsOf({ zones: '' }).get('utcOffsetsMinutes')).toBe('List at least one time zone.');
  });
});

it('says how far a simulation is, and of which policy', () => {
  const order = orderOf(newForm('server', policies), policies).order;
  if (order === null) throw new Error('the first form is right');
  const progress = { variant: 0, round: 2, virtualSeconds: 75, ready: 3, agents: 8, events: 100 };
  expect(progressWords({ progress, order })).toBe(
    'Laptops, sample 2: 3 of 8 agents ready, 1 min 15 s of virtual time.',
  );
  expect(progressWords({ progress: null, order })).toBe('Building the organisation…');
});
