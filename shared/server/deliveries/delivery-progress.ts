import type { DeliveryFailure, StageStart } from '../../contracts/deliveries.ts';
import type { DeliveryState, ReportedState, StageState } from '../../contracts/delivery-state.ts';

/**
 * The course of one delivery: which stages have begun, and how many agents of each stand where. A reducer over what
 * happens, in the order of time. It knows no single agent, so that an event costs the same with 5 agents and 54,000.
 *
 * Invariants: (1) a stage never begins before its condition has held for its time without a break; (2) what began never
 * ends; (3) a pause stops the time that a condition has held, and loses none of it; (4) how often somebody looks at the
 * clock changes nothing: a stage begins at the moment when it was due.
 */

export interface AgentStanding {
  readonly state: ReportedState;
  /** For `failed`. */
  readonly failure: DeliveryFailure | null;
}

export interface DeliveryRules {
  /** Null: as soon as it was made. */
  readonly availableFromMs: number | null;
  readonly createdAtMs: number;
  /** Without one, an agent has done its part when it is ready. */
  readonly hasInstallation: boolean;
  /** Of the stages after the first. */
  readonly laterStages: readonly StageStart[];
}

export type DeliveryEvent = { readonly atMs: number } & (
  | { readonly kind: 'time-passed' }
  | { readonly kind: 'server-started' }
  /** How many agents belong to each stage now. */
  | { readonly kind: 'members-counted'; readonly members: readonly number[] }
  /** `before` null: it told nothing so far. */
  | {
      readonly kind: 'agent-changed';
      readonly stage: number;
      readonly before: AgentStanding | null;
      readonly after: AgentStanding;
    }
  | { readonly kind: 'paused' | 'resumed' | 'cancelled' | 'failed-retried' | 'next-stage-started' }
);

export type DeliveryEffect =
  | { readonly kind: 'stage-started'; readonly stage: number; readonly atMs: number; readonly isByHand: boolean }
  /** All agents in `unfinishedStates`. */
  | { readonly kind: 'agents-cancelled' }
  | { readonly kind: 'failed-agents-offered' };

export interface DeliveryStep {
  readonly state: DeliveryState;
  readonly effects: readonly DeliveryEffect[];
}

const hourMs = 3_600_000;
const longestGraceMs = 600_000;

export function newDelivery(rules: DeliveryRules): DeliveryState {
  return {
    atMs: rules.createdAtMs,
    isPaused: false,
    isCancelled: false,
    round: 0,
    stages: Array.from({ length: rules.laterStages.length + 1 }, () => ({
      startedAtMs: null,
      isByHand: false,
      members: 0,
      counts: noCounts,
      failures: {},
    })),
    heldMs: null,
    graceUntilMs: 0,
  };
}

export function reduceDelivery(rules: DeliveryRules, before: DeliveryState, event: DeliveryEvent): DeliveryStep {
  // Clocks are set back now and then; what was decided stays decided.
  const atMs = Math.max(before.atMs, event.atMs);
  const passed = passTime(rules, before, atMs);
  const changed = judge(rules, apply(rules, passed.state, { ...event, atMs }));
  const effects = [...passed.effects, ...effectsOf(passed.state, event, atMs)];
  // What was waited for may be due in this very moment.
  const after = passTime(rules, changed, atMs);
  return { state: after.state, effects: [...effects, ...after.effects] };
}

/** When a stage begins if nothing else happens; null: never. */
export function nextDueMs(rules: DeliveryRules, state: DeliveryState): number | null {
  if (state.isPaused || state.isCancelled) return null;
  const next = nextStage(state);
  if (next === null) return null;
  if (next === 0) return Math.max(rules.availableFromMs ?? rules.createdAtMs, state.atMs);
  const start = rules.laterStages[next - 1];
  if (start?.kind !== 'after-previous' || state.heldMs === null) return null;
  return Math.max(state.atMs, state.atMs + holdMsOf(start) - state.heldMs, state.graceUntilMs);
}

/** The stage that begins next; null: all have. */
export function nextStage(state: DeliveryState): number | null {
  const next = state.stages.findIndex(({ startedAtMs }) => startedAtMs === null);
  return next === -1 ? null : next;
}

/** Of agents that have neither done their part nor failed. */
export function unfinishedStates(hasInstallation: boolean): readonly ReportedState[] {
  return hasInstallation ? ['offered', 'downloading', 'ready', 'installing'] : ['offered', 'downloading', 'installing'];
}

export function doneCount(hasInstallation: boolean, { counts }: Pick<StageState, 'counts'>): number {
  return counts.installed + counts['reboot-pending'] + (hasInstallation ? 0 : counts.ready);
}

/** Every stage has begun, and every agent has done its part or failed. */
export function isFinished(rules: DeliveryRules, state: DeliveryState): boolean {
  if (nextStage(state) !== null) return false;
  return state.stages.every((stage) => doneCount(rules.hasInstallation, stage) + stage.counts.failed >= stage.members);
}

/** Time passes until `untilMs`: stages begin at the moments when they are due. */
function passTime(rules: DeliveryRules, before: DeliveryState, untilMs: number): DeliveryStep {
  const effects: DeliveryEffect[] = [];
  let state = before;
  for (let dueMs = nextDueMs(rules, state); dueMs !== null && dueMs <= untilMs; dueMs = nextDueMs(rules, state)) {
    const stage = nextStage(state) ?? 0;
    effects.push({ kind: 'stage-started', stage, atMs: dueMs, isByHand: false });
    state = judge(rules, begin(later(state, dueMs), stage, dueMs, false));
  }
  return { state: later(state, untilMs), effects };
}

function later(state: DeliveryState, atMs: number): DeliveryState {
  const heldMs = state.heldMs === null || state.isPaused ? state.heldMs : state.heldMs + (atMs - state.atMs);
  return { ...state, atMs, heldMs };
}

function begin(state: DeliveryState, stage: number, atMs: number, isByHand: boolean): DeliveryState {
  const stages = state.stages.map((one, index) => (index === stage ? { ...one, startedAtMs: atMs, isByHand } : one));
  // The next condition is about another stage: nothing of it has held yet.
  return { ...state, stages, heldMs: null, graceUntilMs: 0 };
}

function holdMsOf({ hours }: Extract<StageStart, { kind: 'after-previous' }>): number {
  return Math.round(hours * hourMs);
}

function apply(rules: DeliveryRules, state: DeliveryState, event: DeliveryEvent): DeliveryState {
  switch (event.kind) {
    case 'time-passed':
      return state;
    case 'server-started': {
      const start = rules.laterStages[(nextStage(state) ?? 0) - 1];
      const graceMs = start?.kind === 'after-previous' ? Math.min(longestGraceMs, holdMsOf(start)) : 0;
      return { ...state, graceUntilMs: event.atMs + graceMs };
    }
    case 'members-counted': {
      const stages = state.stages.map((stage, index) => ({ ...stage, members: event.members[index] ?? 0 }));
      return { ...state, stages };
    }
    case 'agent-changed': {
      const stages = state.stages.map((stage, index) => (index === event.stage ? moved(stage, event) : stage));
      return { ...state, stages };
    }
    case 'paused':
      return { ...state, isPaused: true };
    case 'resumed':
      return { ...state, isPaused: false };
    case 'cancelled':
      return { ...state, isCancelled: true, stages: state.stages.map((stage) => cancelled(rules, stage)) };
    case 'failed-retried':
      return { ...state, round: state.round + 1, stages: state.stages.map(offeredAgain) };
    case 'next-stage-started': {
      const next = nextStage(state);
      return next === null || state.isCancelled ? state : begin(state, next, event.atMs, true);
    }
  }
}

function effectsOf(state: DeliveryState, event: DeliveryEvent, atMs: number): DeliveryEffect[] {
  if (event.kind === 'cancelled') return [{ kind: 'agents-cancelled' }];
  if (event.kind === 'failed-retried') return [{ kind: 'failed-agents-offered' }];
  const next = nextStage(state);
  if (event.kind !== 'next-stage-started' || next === null || state.isCancelled) return [];
  return [{ kind: 'stage-started', stage: next, atMs, isByHand: true }];
}

/** Whether the condition of the next stage holds now. */
function judge(rules: DeliveryRules, state: DeliveryState): DeliveryState {
  const next = nextStage(state);
  const start = next === null ? undefined : rules.laterStages[next - 1];
  const previous = next === null ? undefined : state.stages[next - 1];
  if (start?.kind !== 'after-previous' || previous === undefined) return { ...state, heldMs: null };
  const { members, counts } = previous;
  const holds =
    // A stage without agents has shown nothing.
    members > 0 &&
    doneCount(rules.hasInstallation, previous) * 100 >= start.installedPercent * members &&
    counts.failed * 100 <= start.failedPercent * members;
  return { ...state, heldMs: holds ? (state.heldMs ?? 0) : null };
}

const noCounts: Readonly<Record<ReportedState, number>> = {
  offered: 0,
  downloading: 0,
  ready: 0,
  installing: 0,
  installed: 0,
  'reboot-pending': 0,
  failed: 0,
  cancelled: 0,
};

function moved(stage: StageState, change: Extract<DeliveryEvent, { kind: 'agent-changed' }>): StageState {
  const counts = { ...stage.counts };
  const failures = { ...stage.failures };
  const { before, after } = change;
  if (before !== null) {
    counts[before.state]--;
    if (before.failure !== null) failures[before.failure] = (failures[before.failure] ?? 0) - 1;
    if (before.failure !== null && failures[before.failure] === 0) delete failures[before.failure];
  }
  counts[after.state]++;
  if (after.failure !== null) failures[after.failure] = (failures[after.failure] ?? 0) + 1;
  return { ...stage, counts, failures };
}

function cancelled(rules: DeliveryRules, stage: StageState): StageState {
  const counts = { ...stage.counts };
  for (const state of unfinishedStates(rules.hasInstallation)) {
    counts.cancelled += counts[state];
    counts[state] = 0;
  }
  return { ...stage, counts };
}

function offeredAgain(stage: StageState): StageState {
  const counts = { ...stage.counts, offered: stage.counts.offered + stage.counts.failed, failed: 0 };
  return { ...stage, counts, failures: {} };
}
