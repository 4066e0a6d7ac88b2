import type { AgentEvent } from '../../../shared/contracts/agent-events.ts';
import type { DeliveryReport } from '../../../shared/contracts/deliveries.ts';
import type { DeliveryState } from '../../../shared/contracts/delivery-state.ts';
import { nextStanding } from '../../../shared/server/deliveries/agent-standing.ts';
import type { DeliveryEvent } from '../../../shared/server/deliveries/delivery-progress.ts';
import {
  newDelivery,
  nextDueMs,
  reduceDelivery,
  unfinishedStates,
} from '../../../shared/server/deliveries/delivery-progress.ts';
import { isToldToAgents, penetrationOf, rulesOf, stageOf } from '../../../shared/server/deliveries/delivery-stages.ts';
import type { Database } from '../../database/database.ts';
import { insertAuditEntry } from '../../database/stores/audit-store.ts';
import type { StoredDelivery } from '../../database/stores/delivery-store.ts';
import {
  loadDeliveryStates,
  moveStandings,
  readDeliveryState,
  readStanding,
  saveDeliveryState,
  savePenetration,
  saveStanding,
} from '../../database/stores/delivery-store.ts';
import type { WriteBatcher, WriteTransaction } from '../../database/write-batcher.ts';
import type { AgentDirectory, AgentRecord } from '../agents/agent-directory.ts';
import type { Resolver } from '../agents/resolution.ts';
import type { Organisation, PreparedDelivery } from '../organisation.ts';

/** A delivery after what a transaction did to it; for `committed`, once that is. */
export interface ChangedDelivery {
  readonly delivery: StoredDelivery;
  readonly before: DeliveryState;
  readonly after: DeliveryState;
}

export interface DeliveryDeskParts {
  readonly database: Database;
  readonly writes: WriteBatcher;
  readonly organisation: Organisation;
  readonly directory: AgentDirectory;
  readonly resolver: Resolver;
  readonly now: () => number;
}

/** Between two portions of agents the event loop serves its sockets. */
const agentsPerTurn = 2000;
/** Counting members takes a hundredth of the time at most, however many agents move about. */
const restPerCount = 100;

/**
 * Where deliveries stand. What happens to one is decided by the rules in shared/server and stored in the transaction of
 * what caused it; memory follows after the commit.
 */
export class DeliveryDesk {
  readonly #parts: DeliveryDeskParts;
  readonly #listeners: (() => void)[] = [];
  #states = new Map<string, DeliveryState>();
  #areMembersStale = true;
  #knownAgents = 0;
  #nextCountMs = 0;

  constructor(parts: DeliveryDeskParts) {
    this.#parts = parts;
    parts.organisation.onChange((part) => {
      if (part === 'deliveries' || part === 'sites') this.#areMembersStale = true;
    });
    parts.directory.onChange((moved) => {
      if (moved !== null || parts.directory.size !== this.#knownAgents) this.#areMembersStale = true;
    });
  }

  /** Before anybody connects: what was stored, told that the server was away. */
  async start(): Promise<void> {
    this.#states = await loadDeliveryStates(this.#parts.database);
    const running = this.#running();
    if (running.length === 0) return;
    const changed = await this.#parts.writes.write((transaction) =>
      inTurn(running, ({ stored }) =>
        this.change(transaction, stored, [{ kind: 'server-started', atMs: this.#parts.now() }]),
      ),
    );
    await this.committed(changed);
    await this.countMembers();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  stateOf(delivery: StoredDelivery): DeliveryState {
    return this.#states.get(delivery.id) ?? newDelivery(rulesOf(delivery.spec, delivery.createdAtMs));
  }

  /** What was begun is stored with everything that follows from it. To be followed by `committed`. */
  async change(
    transaction: WriteTransaction,
    delivery: StoredDelivery,
    events: readonly DeliveryEvent[],
  ): Promise<ChangedDelivery> {
    const rules = rulesOf(delivery.spec, delivery.createdAtMs);
    const before = (await readDeliveryState(transaction, delivery.id)) ?? newDelivery(rules);
    let after = before;
    for (const event of events) {
      const step = reduceDelivery(rules, after, event);
      after = step.state;
      for (const effect of step.effects) {
        if (effect.kind === 'agents-cancelled') {
          await moveStandings(transaction, delivery.id, unfinishedStates(rules.hasInstallation), 'cancelled');
        } else if (effect.kind === 'failed-agents-offered') {
          await moveStandings(transaction, delivery.id, ['failed'], 'offered');
        } else if (effect.stage > 0 && !effect.isByHand) await this.#auditStage(transaction, delivery, effect.stage);
      }
    }
    await saveDeliveryState(transaction, delivery.id, after);
    await savePenetration(transaction, delivery.id, penetrationOf(rules, after));
    return { delivery, before, after };
  }

  /** What an agent told of its deliveries, in the transaction that stores its events. */
  async takeReports(
    transaction: WriteTransaction,
    record: AgentRecord,
    events: readonly AgentEvent[],
  ): Promise<ChangedDelivery[]> {
    const changes = new Map<PreparedDelivery, DeliveryEvent[]>();
    for (const event of events) {
      if (event.kind !== 'package-state' || event.delivery === undefined) continue;
      const prepared = this.#parts.organisation.delivery(event.delivery.deliveryId);
      if (prepared === null || prepared.stored.key !== event.key) continue;
      const change = await this.#takeReport(transaction, record, prepared, event, event.delivery);
      if (change !== null) changes.set(prepared, [...(changes.get(prepared) ?? []), change]);
    }
    return inTurn([...changes], ([{ stored }, of]) => this.change(transaction, stored, of));
  }

  /** To be called after the commit, in the order of commits. */
  async committed(changes: readonly ChangedDelivery[]): Promise<void> {
    for (const { delivery, after } of changes) this.#states.set(delivery.id, after);
    if (changes.length > 0) for (const listener of this.#listeners) listener();
    if (changes.some(({ before, after }) => isToldToAgents(before, after))) {
      await this.#parts.organisation.reload('deliveries');
    }
  }

  /** Begins the stages that are due, and counts again who belongs to which where that may have changed. */
  async followTime(): Promise<void> {
    const nowMs = this.#parts.now();
    const due = this.#running().filter(({ stored, rules }) => {
      const dueMs = nextDueMs(rules, this.stateOf(stored));
      return dueMs !== null && dueMs <= nowMs;
    });
    if (due.length > 0) {
      const changed = await this.#parts.writes.write((transaction) =>
        inTurn(due, ({ stored }) => this.change(transaction, stored, [{ kind: 'time-passed', atMs: nowMs }])),
      );
      await this.committed(changed);
    }
    if (this.#areMembersStale && nowMs >= this.#nextCountMs) await this.countMembers();
  }

  /** One pass over all agents, for all deliveries that are not over. */
  async countMembers(): Promise<void> {
    const { directory, now } = this.#parts;
    const running = this.#running();
    this.#areMembersStale = false;
    this.#knownAgents = directory.size;
    const begunMs = performance.now();
    const counts = await this.membersOf(running);
    const changed = running.filter(({ stored }, index) => {
      const { stages } = this.stateOf(stored);
      return stages.some(({ members }, stage) => members !== counts[index]?.[stage]);
    });
    this.#nextCountMs = now() + (performance.now() - begunMs) * restPerCount;
    if (changed.length === 0) return;
    const changes = await this.#parts.writes.write((transaction) =>
      inTurn(changed, (prepared) => {
        const members = counts[running.indexOf(prepared)] ?? [];
        return this.change(transaction, prepared.stored, [{ kind: 'members-counted', atMs: now(), members }]);
      }),
    );
    await this.committed(changes);
  }

  /** How many agents belong to each stage, for each of the deliveries. */
  async membersOf(deliveries: readonly Pick<PreparedDelivery, 'stages'>[]): Promise<number[][]> {
    const { directory, resolver } = this.#parts;
    const counts = deliveries.map(({ stages }) => stages.map(() => 0));
    if (deliveries.length === 0) return counts;
    let inTurnNow = 0;
    for (const record of directory.all()) {
      if (record.revokedAtMs !== null) continue;
      const facts = resolver.factsOf(record);
      for (const [index, { stages }] of deliveries.entries()) {
        const stage = stageOf(stages, facts);
        const of = counts[index];
        if (stage !== null && of !== undefined) of[stage] = (of[stage] ?? 0) + 1;
      }
      inTurnNow++;
      if (inTurnNow % agentsPerTurn === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return counts;
  }

  #running(): readonly PreparedDelivery[] {
    return this.#parts.organisation.deliveries.filter(({ stored }) => !this.stateOf(stored).isCancelled);
  }

  async #takeReport(
    transaction: WriteTransaction,
    record: AgentRecord,
    { stored, stages }: PreparedDelivery,
    { state, detail }: PackageStateEvent,
    { round, failure, exitCode, isRebootPending }: DeliveryReport,
  ): Promise<DeliveryEvent | null> {
    const before = await readStanding(transaction, stored.id, record.agentId);
    const stage = before?.stage ?? stageOf(stages, this.#parts.resolver.factsOf(record));
    if (stage === null) return null;
    // As committed, or already newer within this batch: a round only rises, and an old word is ignored either way.
    const known = this.stateOf(stored).round;
    const after = nextStanding(before, { state, round, failure, isRebootPending }, known);
    if (after === null) return null;
    const atMs = this.#parts.now();
    await saveStanding(transaction, stored.id, record.agentId, {
      ...after,
      stage,
      exitCode,
      detail,
      atMs,
    });
    return { kind: 'agent-changed', atMs, stage, before, after };
  }

  #auditStage(transaction: WriteTransaction, { key, id }: StoredDelivery, stage: number): Promise<number> {
    const stored = this.#parts.organisation.package(key);
    return insertAuditEntry(transaction, {
      atMs: this.#parts.now(),
      who: 'Fanout',
      action: 'start-delivery-stage',
      subject: stored === null ? id : `${stored.name} ${stored.version}`,
      before: { deliveryId: id, stage: stage - 1 },
      after: { deliveryId: id, stage, isByHand: false },
    });
  }
}

type PackageStateEvent = Extract<AgentEvent, { kind: 'package-state' }>;

async function inTurn<Item, Result>(items: readonly Item[], run: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await run(item));
  return results;
}
