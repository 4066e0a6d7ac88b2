import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeliveryFailure } from '../../../shared/contracts/deliveries.ts';
import type { DeliveryState } from '../../../shared/contracts/delivery-state.ts';
import { nextStanding } from '../../../shared/server/deliveries/agent-standing.ts';
import type {
  AgentStanding,
  DeliveryEvent,
  DeliveryRules,
} from '../../../shared/server/deliveries/delivery-progress.ts';
import {
  isFinished,
  newDelivery,
  nextDueMs,
  reduceDelivery,
} from '../../../shared/server/deliveries/delivery-progress.ts';
import { holds } from '../../helpers/properties.ts';

const hourMs = 3_600_000;
const agentsPerStage = 4;
const standings: readonly AgentStanding[] = [
  { state: 'downloading', failure: null },
  { state: 'installing', failure: null },
  { state: 'installed', failure: null },
  { state: 'installed', failure: null },
  { state: 'failed', failure: 'exit-code' },
];

/** What happens, in words that can be put in any order; `run` makes it events. */
type Happening =
  | { readonly kind: 'agent'; readonly stage: number; readonly agent: number; readonly standing: AgentStanding }
  | { readonly kind: 'paused' | 'resumed' | 'next-stage-started' | 'failed-retried' | 'time-passed' };
interface Timed {
  readonly atMs: number;
  readonly happening: Happening;
}

const simpleKinds = ['paused', 'resumed', 'next-stage-started', 'failed-retried', 'time-passed'] as const;
const agentHappening = fc.record({
  kind: fc.constant('agent' as const),
  stage: fc.nat({ max: 2 }),
  agent: fc.nat({ max: agentsPerStage - 1 }),
  standing: fc.constantFrom(...standings),
});
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 8, arbitrary: agentHappening },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom(...simpleKinds) }) },
);
const history: fc.Arbitrary<readonly Timed[]> = fc
  .array(fc.record({ waitMs: fc.nat({ max: 20 }), happening }), { maxLength: 40 })
  .map((steps) => {
    let atMs = 0;
    return steps.map(({ waitMs, happening: what }) => {
      atMs += waitMs;
      return { atMs, happening: what };
    });
  });
const stageStart = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ kind: 'by-hand' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('after-previous' as const),
      installedPercent: fc.constantFrom(0, 25, 50, 75),
      failedPercent: fc.constantFrom(0, 25, 100),
      hours: fc.nat({ max: 30 }).map((ms) => ms / hourMs),
    }),
  },
);
const rules: fc.Arbitrary<DeliveryRules> = fc.record({
  availableFromMs: fc.option(fc.nat({ max: 20 })),
  createdAtMs: fc.constant(0),
  hasInstallation: fc.constant(true),
  laterStages: fc.array(stageStart, { maxLength: 2 }),
});

class Run {
  readonly #rules: DeliveryRules;
  state: DeliveryState;
  readonly started: { readonly stage: number; readonly atMs: number; readonly isByHand: boolean }[] = [];
  readonly told = new Map<string, AgentStanding>();

  constructor(of: DeliveryRules) {
    this.#rules = of;
    this.state = newDelivery(of);
    this.send({
      kind: 'members-counted',
      atMs: 0,
      members: of.laterStages.map(() => agentsPerStage).concat(agentsPerStage),
    });
  }

  send(event: DeliveryEvent): void {
    const { state, effects } = reduceDelivery(this.#rules, this.state, event);
    this.state = state;
    for (const effect of effects) {
      if (effect.kind === 'stage-started')
        this.started.push({ stage: effect.stage, atMs: effect.atMs, isByHand: effect.isByHand });
      if (effect.kind !== 'failed-agents-offered') continue;
      for (const [agent, standing] of this.told) {
        if (standing.state === 'failed') this.told.set(agent, { state: 'offered', failure: null });
      }
    }
  }

  happen({ atMs, happening: what }: Timed): void {
    if (what.kind !== 'agent') {
      this.send({ kind: what.kind, atMs });
      return;
    }
    if (what.stage >= this.state.stages.length) return;
    const name = `${what.stage}/${what.agent}`;
    const before = this.told.get(name) ?? null;
    const { state, failure } = what.standing;
    const report = {
      state: state === 'reboot-pending' || state === 'offered' || state === 'cancelled' ? 'installed' : state,
      failure,
      round: this.state.round,
      isRebootPending: false,
    } as const;
    const after = nextStanding(before, report, this.state.round);
    if (after === null) return;
    this.told.set(name, after);
    this.send({ kind: 'agent-changed', atMs, stage: what.stage, before, after });
  }
}

function runOf(of: DeliveryRules, happenings: readonly Timed[], endMs: number): Run {
  const run = new Run(of);
  for (const timed of happenings) run.happen(timed);
  run.send({ kind: 'time-passed', atMs: endMs });
  return run;
}

/** The same rules the slow way: looks at every millisecond whether a stage begins. */
function startsMillisecondByMillisecond(of: DeliveryRules, happenings: readonly Timed[], endMs: number) {
  const starts: { stage: number; atMs: number; isByHand: boolean }[] = [];
  const told = new Map<string, AgentStanding>();
  let isPaused = false;
  let round = 0;
  let heldMs: number | null = null;
  const conditionHolds = (): boolean => {
    const start = of.laterStages[starts.length - 1];
    if (starts.length === 0 || start?.kind !== 'after-previous') return false;
    const standing = Array.from(
      { length: agentsPerStage },
      (_, agent) => told.get(`${starts.length - 1}/${agent}`)?.state,
    );
    const share = (state: string) => (standing.filter((one) => one === state).length / agentsPerStage) * 100;
    return share('installed') >= start.installedPercent && share('failed') <= start.failedPercent;
  };
  const follow = (atMs: number): void => {
    for (;;) {
      heldMs = conditionHolds() ? (heldMs ?? 0) : null;
      const start = of.laterStages[starts.length - 1];
      const isDue: boolean =
        starts.length === 0
          ? atMs >= (of.availableFromMs ?? 0)
          : start?.kind === 'after-previous' && heldMs !== null && heldMs >= Math.round(start.hours * hourMs);
      if (isPaused || !isDue || starts.length > of.laterStages.length) return;
      starts.push({ stage: starts.length, atMs, isByHand: false });
      heldMs = null;
    }
  };
  for (let atMs = 0; atMs <= endMs; atMs++) {
    if (atMs > 0 && heldMs !== null && !isPaused) heldMs++;
    follow(atMs);
    for (const { happening: what } of happenings.filter((timed) => timed.atMs === atMs)) {
      if (what.kind === 'paused') isPaused = true;
      else if (what.kind === 'resumed') isPaused = false;
      else if (what.kind === 'failed-retried') {
        round++;
        for (const [agent, { state }] of told)
          if (state === 'failed') told.set(agent, { state: 'offered', failure: null });
      } else if (what.kind === 'next-stage-started' && starts.length <= of.laterStages.length) {
        starts.push({ stage: starts.length, atMs, isByHand: true });
        heldMs = null;
      } else if (what.kind === 'agent' && what.stage <= of.laterStages.length) {
        const name = `${what.stage}/${what.agent}`;
        if (told.get(name)?.state !== 'installed') told.set(name, what.standing);
      }
      follow(atMs);
    }
  }
  return { starts, round };
}

describe('the course of a delivery', () => {
  test('stages begin when a look at every millisecond says so: never early, never late, none twice', () => {
    holds(
      fc.property(rules, history, (of, happenings) => {
        const endMs = (happenings.at(-1)?.atMs ?? 0) + 70;
        expect(runOf(of, happenings, endMs).started).toEqual(
          startsMillisecondByMillisecond(of, happenings, endMs).starts,
        );
      }),
    );
  });

  test('looking at the clock more often changes nothing', () => {
    holds(
      fc.property(rules, history, fc.array(fc.nat({ max: 800 })), (of, happenings, looks) => {
        const endMs = (happenings.at(-1)?.atMs ?? 0) + 70;
        const more = [...happenings, ...looks.map((atMs): Timed => ({ atMs, happening: { kind: 'time-passed' } }))]
          .filter(({ atMs }) => atMs <= endMs)
          .sort((a, b) => a.atMs - b.atMs);
        expect(runOf(of, more, endMs).state).toEqual(runOf(of, happenings, endMs).state);
      }),
    );
  });

  test('a stage that has begun stays begun, at its moment', () => {
    holds(
      fc.property(rules, history, (of, happenings) => {
        const run = new Run(of);
        for (const timed of happenings) {
          const before = run.state.stages;
          run.happen(timed);
          for (const [index, { startedAtMs }] of before.entries()) {
            if (startedAtMs !== null) expect(run.state.stages[index]?.startedAtMs).toBe(startedAtMs);
          }
        }
      }),
    );
  });

  test('a pause in which nothing happens delays all that follows by its length, and loses nothing', () => {
    holds(
      fc.property(rules, history, fc.nat({ max: 40 }), fc.integer({ min: 1, max: 50 }), (of, all, at, pauseMs) => {
        const happenings = all.filter(({ happening: { kind } }) => kind !== 'paused' && kind !== 'resumed');
        const pausedMs = Math.max(happenings[Math.min(at, happenings.length - 1)]?.atMs ?? 0, of.availableFromMs ?? 0);
        const endMs = Math.max(happenings.at(-1)?.atMs ?? 0, pausedMs) + 70;
        const until = happenings.filter(({ atMs }) => atMs <= pausedMs);
        const later = happenings.filter(({ atMs }) => atMs > pausedMs);
        const withPause: Timed[] = [
          ...until,
          { atMs: pausedMs, happening: { kind: 'paused' } },
          { atMs: pausedMs + pauseMs, happening: { kind: 'resumed' } },
          ...later.map((timed) => ({ ...timed, atMs: timed.atMs + pauseMs })),
        ];
        const plain = runOf(of, happenings, endMs);
        const paused = runOf(of, withPause, endMs + pauseMs);
        expect(paused.started).toEqual(
          plain.started.map((start) => ({ ...start, atMs: start.atMs > pausedMs ? start.atMs + pauseMs : start.atMs })),
        );
        expect(paused.state.stages.map(({ counts }) => counts)).toEqual(plain.state.stages.map(({ counts }) => counts));
        expect(paused.state.heldMs).toBe(plain.state.heldMs);
      }),
    );
  });

  test('the counters say what the agents said', () => {
    holds(
      fc.property(rules, history, (of, happenings) => {
        const { state, told } = runOf(of, happenings, 1000);
        for (const [index, { counts, failures }] of state.stages.entries()) {
          const said = [...told].filter(([name]) => name.startsWith(`${index}/`)).map(([, standing]) => standing);
          for (const [name, count] of Object.entries(counts)) {
            expect(said.filter((standing) => standing.state === name)).toHaveLength(count);
          }
          const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
          expect(failed).toBe(counts.failed);
        }
      }),
    );
  });

  test('a stage without agents shows nothing: the next one waits for a person', () => {
    const of: DeliveryRules = {
      availableFromMs: null,
      createdAtMs: 0,
      hasInstallation: true,
      laterStages: [{ kind: 'after-previous', installedPercent: 0, failedPercent: 100, hours: 0 }],
    };
    let { state } = reduceDelivery(of, newDelivery(of), { kind: 'members-counted', atMs: 0, members: [0, 9] });
    expect(nextDueMs(of, state)).toBeNull();
    state = reduceDelivery(of, state, { kind: 'next-stage-started', atMs: 7 }).state;
    expect(state.stages.map(({ startedAtMs, isByHand }) => [startedAtMs, isByHand])).toEqual([
      [0, false],
      [7, true],
    ]);
  });

  test('after a start of the server agents come to word before a stage begins', () => {
    const of: DeliveryRules = {
      availableFromMs: null,
      createdAtMs: 0,
      hasInstallation: true,
      laterStages: [{ kind: 'after-previous', installedPercent: 50, failedPercent: 0, hours: 2 }],
    };
    const run = new Run(of);
    for (const agent of [0, 1, 2])
      run.happen({ atMs: 0, happening: { kind: 'agent', stage: 0, agent, standing: installed } });
    run.send({ kind: 'server-started', atMs: 2 * hourMs - 1 });
    run.send({ kind: 'time-passed', atMs: 2 * hourMs });
    expect(run.started).toHaveLength(1);
    run.happen({ atMs: 2 * hourMs + 5, happening: { kind: 'agent', stage: 0, agent: 3, standing: failed('timeout') } });
    run.send({ kind: 'time-passed', atMs: 9 * hourMs });
    expect(run.started).toHaveLength(1);
  });

  test('what is cancelled is over: nothing begins, and whoever had not done its part is cancelled', () => {
    const of: DeliveryRules = {
      availableFromMs: null,
      createdAtMs: 0,
      hasInstallation: true,
      laterStages: [{ kind: 'after-previous', installedPercent: 25, failedPercent: 100, hours: 1 }],
    };
    const run = new Run(of);
    run.happen({ atMs: 1, happening: { kind: 'agent', stage: 0, agent: 0, standing: installed } });
    run.happen({
      atMs: 1,
      happening: { kind: 'agent', stage: 0, agent: 1, standing: { state: 'ready', failure: null } },
    });
    run.happen({ atMs: 1, happening: { kind: 'agent', stage: 0, agent: 2, standing: failed('disk-full') } });
    run.send({ kind: 'cancelled', atMs: 2 });
    run.send({ kind: 'next-stage-started', atMs: 3 });
    run.send({ kind: 'time-passed', atMs: 9 * hourMs });
    expect(run.started).toHaveLength(1);
    expect(run.state.stages[0]?.counts).toMatchObject({ installed: 1, ready: 0, cancelled: 1, failed: 1 });
    expect(isFinished(of, run.state)).toBe(false);
  });
});

const installed: AgentStanding = { state: 'installed', failure: null };

function failed(failure: DeliveryFailure): AgentStanding {
  return { state: 'failed', failure };
}

describe('where an agent stands', () => {
  const told = (state: 'downloading' | 'installed' | 'failed', round: number, isRebootPending = false) => ({
    state,
    round,
    failure: state === 'failed' ? ('exit-code' as const) : null,
    isRebootPending,
  });

  test('an old failure does not undo a newer "try again"', () => {
    expect(nextStanding({ state: 'offered', failure: null }, told('failed', 0), 1)).toBeNull();
    expect(nextStanding({ state: 'offered', failure: null }, told('failed', 1), 1)).toEqual(failed('exit-code'));
  });

  test('what is installed stays installed, though the package is fetched again', () => {
    expect(nextStanding(installed, told('downloading', 0), 0)).toBeNull();
    expect(nextStanding({ state: 'reboot-pending', failure: null }, told('downloading', 0), 0)).toBeNull();
    expect(nextStanding({ state: 'reboot-pending', failure: null }, told('installed', 0), 0)).toEqual(installed);
  });

  test('an installation that was under way when the delivery was cancelled tells its end', () => {
    const cancelled: AgentStanding = { state: 'cancelled', failure: null };
    expect(nextStanding(cancelled, told('downloading', 0), 0)).toBeNull();
    expect(nextStanding(cancelled, told('installed', 0, true), 0)).toEqual({ state: 'reboot-pending', failure: null });
  });
});
