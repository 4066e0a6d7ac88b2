import { zeroEach } from '../../../shared/base/zero-each.ts';
import type { DeliveryAgentState } from '../../../shared/contracts/deliveries.ts';
import { deliveryAgentStates, reportedStates } from '../../../shared/contracts/deliveries.ts';
import type { Delivery, DeliveryStatus, StageProgress } from '../../../shared/contracts/deliveries-api.ts';
import type { DeliveryState, StageState } from '../../../shared/contracts/delivery-state.ts';
import type { DeliveryRules } from '../../../shared/server/deliveries/delivery-progress.ts';
import { isFinished, nextDueMs, nextStage } from '../../../shared/server/deliveries/delivery-progress.ts';
import { isOffered, rulesOf } from '../../../shared/server/deliveries/delivery-stages.ts';
import type { StoredDelivery } from '../../database/stores/delivery-store.ts';
import type { StoredPackage } from '../../database/stores/package-store.ts';
import type { Progress } from './tally.ts';

/** What the console shows of a delivery. `progress`: how far the agents that are told of it are with the package. */
export function deliveryView(
  delivery: StoredDelivery,
  { guid, version, name }: StoredPackage,
  state: DeliveryState,
  progress: Progress,
): Delivery {
  const { id, key, target, priority, createdAtMs, createdBy, spec } = delivery;
  const rules = rulesOf(spec, createdAtMs);
  const status = statusOf(rules, state);
  const { ready, downloading, failed } = progress;
  const offered = state.stages.filter((_, stage) => isOffered(state, stage));
  return {
    ...spec,
    ...{ id, key, guid, version, target, priority, createdAtMs, createdBy, status },
    packageName: name,
    round: state.round,
    stages: state.stages.map((_, index) => stageView(delivery, rules, state, index)),
    // The last count, or one that is newer.
    agents: Math.max(
      offered.reduce((sum, { members }) => sum + members, 0),
      progress.agents,
    ),
    ...{ ready, downloading, failed },
  };
}

export function statusOf(rules: DeliveryRules, state: DeliveryState): DeliveryStatus {
  if (state.isCancelled) return 'cancelled';
  if (state.isPaused) return 'paused';
  if (nextStage(state) === 0) return 'scheduled';
  return isFinished(rules, state) ? 'finished' : 'running';
}

function stageView(delivery: StoredDelivery, rules: DeliveryRules, state: DeliveryState, index: number): StageProgress {
  const later = delivery.spec.laterStages[index - 1];
  const stage = state.stages[index];
  const failures = Object.entries(stage?.failures ?? {}) as [StageProgress['failures'][number]['reason'], number][];
  return {
    target: later?.target ?? delivery.target,
    start: later?.start ?? null,
    startedAtMs: stage?.startedAtMs ?? null,
    isByHand: stage?.isByHand ?? false,
    dueAtMs: nextStage(state) === index ? nextDueMs(rules, state) : null,
    agents: stage?.members ?? 0,
    states: stage === undefined ? noStates : statesOf(stage, state.isCancelled),
    failures: failures.map(([reason, agents]) => ({ reason, agents })).sort((a, b) => b.agents - a.agents),
  };
}

const noStates = zeroEach(deliveryAgentStates);

/** Agents that told nothing stand where the stage does. */
function statesOf({ members, counts, startedAtMs }: StageState, isCancelled: boolean): StageProgress['states'] {
  const told = reportedStates.reduce((sum, state) => sum + counts[state], 0);
  const silent: DeliveryAgentState = isCancelled ? 'cancelled' : startedAtMs === null ? 'not-offered' : 'offered';
  const states = { ...noStates, ...counts };
  return { ...states, [silent]: states[silent] + Math.max(0, members - told) };
}
