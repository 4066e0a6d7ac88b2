import type { DeliveryPlan, Installation, InstallSchedule } from '../../contracts/deliveries.ts';
import type { DeliverySpec, PenetrationPoint } from '../../contracts/deliveries-api.ts';
import type { DeliveryState } from '../../contracts/delivery-state.ts';
import type { PlugInPolicy } from '../../contracts/plug-in-policy.ts';
import type { AgentFacts, TargetTest } from '../target.ts';
import type { DeliveryRules } from './delivery-progress.ts';
import { doneCount, nextStage } from './delivery-progress.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;

export function rulesOf(spec: DeliverySpec, createdAtMs: number): DeliveryRules {
  return {
    availableFromMs: spec.availableFromMs,
    createdAtMs,
    hasInstallation: spec.installation !== null,
    laterStages: spec.laterStages.map(({ start }) => start),
  };
}

/** The stage that an agent belongs to: the first that means it. Null: none does. */
export function stageOf(stages: readonly TargetTest[], agent: AgentFacts): number | null {
  const stage = stages.findIndex((isMeant) => isMeant(agent));
  return stage === -1 ? null : stage;
}

/** Whether agents of the stage are told of the delivery. Those of the first are told ahead: they wait for its time. */
export function isOffered(state: DeliveryState, stage: number): boolean {
  if (state.isCancelled) return false;
  return stage === 0 || (state.stages[stage]?.startedAtMs ?? null) !== null;
}

/** Null where there is nothing to say beyond "this package". `policy`: the default for deliveries that do not say when. */
export function planOf(spec: DeliverySpec, state: DeliveryState, policy: PlugInPolicy): DeliveryPlan | null {
  const plan: DeliveryPlan = {
    // An administrator who begins the first stage by hand does not want it to wait.
    availableFromMs: state.stages[0]?.isByHand === true ? null : spec.availableFromMs,
    downloadWindows: spec.downloadWindows,
    deadlineMs: spec.deadlineMs,
    isPaused: state.isPaused,
    round: state.round,
    ignoresTotalBlockouts: spec.ignoresTotalBlockouts,
    installation: spec.installation && { ...spec.installation, schedule: scheduleOf(spec.installation, policy) },
  };
  const isPlain =
    plan.availableFromMs === null &&
    plan.downloadWindows.length === 0 &&
    !plan.isPaused &&
    plan.round === 0 &&
    !plan.ignoresTotalBlockouts &&
    plan.installation === null;
  return isPlain ? null : plan;
}

function scheduleOf({ schedule }: Pick<Installation, 'schedule'>, policy: PlugInPolicy): InstallSchedule {
  if (schedule.kind !== 'by-policy') return schedule;
  return policy.install === 'at-time'
    ? { kind: 'daily', timeOfDay: policy.timeOfDay }
    : { kind: 'as-soon-as-possible' };
}

/** Whether agents have to be told: they see nothing of counters. */
export function isToldToAgents(before: DeliveryState, after: DeliveryState): boolean {
  return (
    before.isPaused !== after.isPaused ||
    before.isCancelled !== after.isCancelled ||
    before.round !== after.round ||
    nextStage(before) !== nextStage(after)
  );
}

/** A point of the curve; its moment is the beginning of a minute on the first day, and of an hour later. */
export function penetrationOf(rules: DeliveryRules, state: DeliveryState): PenetrationPoint {
  const startedAtMs = state.stages[0]?.startedAtMs ?? state.atMs;
  const bucketMs = state.atMs - startedAtMs < dayMs ? minuteMs : hourMs;
  const failures = new Map<PenetrationPoint['failures'][number]['reason'], number>();
  const point = { agents: 0, ready: 0, installed: 0, failed: 0 };
  for (const stage of state.stages) {
    const { counts } = stage;
    point.agents += stage.members;
    point.ready += counts.ready + counts.installing + counts.installed + counts['reboot-pending'];
    point.installed += rules.hasInstallation ? doneCount(true, stage) : 0;
    point.failed += counts.failed;
    for (const [reason, count] of Object.entries(stage.failures)) {
      const known = reason as keyof typeof stage.failures;
      failures.set(known, (failures.get(known) ?? 0) + count);
    }
  }
  return {
    ...point,
    atMs: state.atMs - (state.atMs % bucketMs),
    failures: [...failures].map(([reason, agents]) => ({ reason, agents })).sort((a, b) => b.agents - a.agents),
  };
}
