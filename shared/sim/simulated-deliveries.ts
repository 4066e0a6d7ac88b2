import type { PackageKey } from '../base/ids.ts';
import type { AgentEvent } from '../contracts/agent-events.ts';
import type { DeliveryPlan } from '../contracts/deliveries.ts';
import type { DeliverySpec } from '../contracts/deliveries-api.ts';
import { plainDeliverySpec } from '../contracts/deliveries-api.ts';
import type { DeliveryState } from '../contracts/delivery-state.ts';
import { defaultPlugInPolicy } from '../contracts/plug-in-policy.ts';
import { nextStanding } from '../server/deliveries/agent-standing.ts';
import type { AgentStanding, DeliveryEvent, DeliveryRules } from '../server/deliveries/delivery-progress.ts';
import {
  isFinished,
  newDelivery,
  nextDueMs,
  reduceDelivery,
  unfinishedStates,
} from '../server/deliveries/delivery-progress.ts';
import { isOffered, isToldToAgents, planOf, rulesOf } from '../server/deliveries/delivery-stages.ts';
import type { Computer } from './computer.ts';
import type { CataloguePackage } from './package-catalogue.ts';
import type { SteeringKind } from './simulation-plan.ts';
import type { World } from './world.ts';

interface Course {
  readonly deliveryId: string;
  readonly key: PackageKey;
  readonly spec: DeliverySpec;
  readonly rules: DeliveryRules;
  /** The computers of each stage. */
  readonly members: readonly (readonly Computer[])[];
  readonly stageOf: ReadonlyMap<Computer, number>;
  /** Stages whose start was found to be in order: what is installed stays so. */
  readonly checkedStages: Set<number>;
  readonly standings: Map<Computer, AgentStanding>;
  state: DeliveryState;
}

export interface StageOutcome {
  /** Virtual; null: it has not begun. */
  readonly startedAtMs: number | null;
  readonly members: number;
  readonly counts: DeliveryState['stages'][number]['counts'];
}

/** Deliveries whose plan says more than "at once to all", by the rules that the Notification Server has. */
export class SimulatedDeliveries {
  readonly #world: World;
  /** Agents have to be told. */
  readonly #changed: () => void;
  readonly #courses = new Map<CataloguePackage, Course>();

  constructor(world: World, changed: () => void) {
    this.#world = world;
    this.#changed = changed;
  }

  begin(entry: CataloguePackage): void {
    const { plan, manifest } = entry;
    entry.timesDelivered++;
    if (plan.delivery === undefined) return;
    const { stages = [], ...given } = plan.delivery;
    const everywhere = { kind: 'all' } as const;
    const laterStages = stages.map(({ start }) => ({ target: everywhere, start }));
    const spec: DeliverySpec = { ...plainDeliverySpec, ...given, laterStages };
    const members = [plan.subnets ?? null, ...stages.map(({ subnets }) => subnets)].map((subnets) =>
      this.#world.computers.filter(({ subnet }) => subnets?.includes(subnet.index) ?? true),
    );
    const rules = rulesOf(spec, this.#world.time.wallTimeMs);
    const course: Course = {
      deliveryId: deliveryIdOf(entry),
      key: manifest.key,
      spec,
      rules,
      members,
      stageOf: stagesOf(members),
      checkedStages: new Set(),
      standings: new Map(),
      state: newDelivery(rules),
    };
    this.#courses.set(entry, course);
    this.#happens(course, { kind: 'members-counted', members: members.map(({ length }) => length) });
  }

  steer(entry: CataloguePackage, kind: SteeringKind): void {
    const course = this.#courses.get(entry);
    if (course !== undefined) this.#happens(course, { kind });
  }

  /** What an agent told, once it is committed. */
  take(computer: Computer, event: AgentEvent): void {
    if (event.kind !== 'package-state' || event.delivery === undefined) return;
    const { deliveryId, round, failure, isRebootPending } = event.delivery;
    const course = [...this.#courses.values()].find((one) => one.deliveryId === deliveryId);
    if (course === undefined || course.key !== event.key) return;
    const stage = course.stageOf.get(computer) ?? null;
    if (stage === null) return;
    if (stage > 0 && !course.checkedStages.has(stage)) this.#checkNotEarly(course, stage, computer);
    const before = course.standings.get(computer) ?? null;
    const after = nextStanding(before, { state: event.state, round, failure, isRebootPending }, course.state.round);
    if (after === null) return;
    course.standings.set(computer, after);
    this.#happens(course, { kind: 'agent-changed', stage, before, after });
  }

  /** What the delivery says to the computer beyond "this package"; undefined: it is not offered, or there is no such delivery. */
  planFor(entry: CataloguePackage, computer: Computer): DeliveryPlan | null | undefined {
    const course = this.#courses.get(entry);
    const stage = course?.stageOf.get(computer) ?? null;
    if (course === undefined || stage === null || !isOffered(course.state, stage)) return undefined;
    return planOf(course.spec, course.state, defaultPlugInPolicy);
  }

  /** Nothing more happens by itself; nobody works on what was taken back. */
  get areFinished(): boolean {
    return [...this.#courses].every(
      ([{ isDelivered, isWithdrawn }, { rules, state }]) =>
        !isDelivered || isWithdrawn || state.isCancelled || isFinished(rules, state),
    );
  }

  outcomesOf(entry: CataloguePackage): readonly StageOutcome[] {
    const startMs = this.#world.time.wallTimeMs - this.#world.time.nowMs;
    return (this.#courses.get(entry)?.state.stages ?? []).map(({ startedAtMs, members, counts }) => ({
      startedAtMs: startedAtMs === null ? null : startedAtMs - startMs,
      members,
      counts,
    }));
  }

  #happens(course: Course, event: WithoutTime<DeliveryEvent>): void {
    const before = course.state;
    const { state, effects } = reduceDelivery(course.rules, before, { ...event, atMs: this.#world.time.wallTimeMs });
    course.state = state;
    for (const effect of effects) {
      if (effect.kind === 'agents-cancelled') move(course, unfinishedStates(course.rules.hasInstallation), 'cancelled');
      else if (effect.kind === 'failed-agents-offered') move(course, ['failed'], 'offered');
    }
    if (isToldToAgents(before, state)) this.#changed();
    const dueMs = nextDueMs(course.rules, state);
    if (dueMs === null) return;
    this.#world.time.after((dueMs - this.#world.time.wallTimeMs) * 1000, () => {
      // What has happened since has a moment of its own.
      if (course.state === state) this.#happens(course, { kind: 'time-passed' });
    });
  }

  /** By what is on the disks of the stage before, which the rules never see. */
  #checkNotEarly(course: Course, stage: number, computer: Computer): void {
    const start = course.rules.laterStages[stage - 1];
    if (start?.kind !== 'after-previous' || course.state.stages[stage]?.isByHand === true) return;
    const before = course.members[stage - 1] ?? [];
    const installedAtMs = before
      .flatMap(({ disk }) => {
        const record = disk.installations.get(course.deliveryId);
        return record?.phase === 'installed' ? [record.atMs] : [];
      })
      .sort((a, b) => a - b);
    const needed = Math.ceil((start.installedPercent / 100) * before.length);
    const reachedAtMs = needed === 0 ? 0 : (installedAtMs[needed - 1] ?? null);
    // Where nothing is installed, a package that is in place is all there is to see.
    const isShown = course.rules.hasInstallation
      ? reachedAtMs !== null && reachedAtMs + start.hours * 3_600_000 <= this.#world.time.wallTimeMs
      : before.filter(({ disk }) => disk.find(course.key)?.isFinished === true).length >= needed;
    const detail = () => `stage ${stage + 1} runs with ${installedAtMs.length} of ${before.length} installed before`;
    this.#world.violations.check(isShown, 'no-stage-early', computer.name, detail);
    if (isShown) course.checkedStages.add(stage);
  }
}

/** Of the delivery that brings it now, or did last. */
export function deliveryIdOf({ manifest, timesDelivered }: CataloguePackage): string {
  const first = `delivery-${manifest.guid}`;
  return timesDelivered > 1 ? `${first}-${timesDelivered}` : first;
}

/** A computer that is in several belongs to the first. */
function stagesOf(members: readonly (readonly Computer[])[]): ReadonlyMap<Computer, number> {
  const stages = new Map<Computer, number>();
  members.forEach((computers, stage) => {
    for (const computer of computers) if (!stages.has(computer)) stages.set(computer, stage);
  });
  return stages;
}

function move({ standings }: Course, from: readonly string[], state: 'cancelled' | 'offered'): void {
  for (const [computer, standing] of standings) {
    if (from.includes(standing.state)) standings.set(computer, { state, failure: null });
  }
}

type WithoutTime<Event> = Event extends DeliveryEvent ? Omit<Event, 'atMs'> : never;
