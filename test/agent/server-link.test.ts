import { describe, expect, it } from 'vitest';
import { EventOutbox } from '../../shared/agent/event-outbox.ts';
import { PendingCommands } from '../../shared/agent/pending-commands.ts';
import type { CommandId } from '../../shared/agent/ports.ts';
import { ServerLink } from '../../shared/agent/server-link.ts';
import { Timers } from '../../shared/agent/timers.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';
import { Xoshiro128 } from '../../shared/base/prng.ts';
import type { AgentEvent } from '../../shared/contracts/agent-events.ts';
import { ManualClock } from './support/manual-clock.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

class Stage {
  readonly #clock = new ManualClock();
  readonly #timers = new Timers(this.#clock);
  readonly #commands = new PendingCommands();
  /** Requests for the configuration that nobody has answered. */
  readonly asked: CommandId[] = [];
  /** Batches that nobody has acknowledged, as the sequences of their events. */
  readonly sent: { readonly commandId: CommandId; readonly sequences: readonly number[] }[] = [];
  readonly outbox = new EventOutbox(this.#clock, 1);
  readonly link: ServerLink;

  constructor() {
    const nothing = (): void => undefined;
    const context = {
      timers: this.#timers,
      commands: this.#commands,
      outbox: this.outbox,
      isStopping: false,
      nowMs: () => this.#clock.nowMs(),
      ports: {
        clock: this.#clock,
        random: new Xoshiro128(1),
        server: {
          fetchConfiguration: (commandId: CommandId) => void this.asked.push(commandId),
          fetchSnapshot: nothing,
          fetchCodebases: nothing,
          fetchSubnetHints: nothing,
          sendEvents: (commandId: CommandId, events: readonly AgentEvent[]) =>
            void this.sent.push({ commandId, sequences: events.map(({ sequence }) => sequence) }),
          sendLiveReport: nothing,
          sendDiagnostics: nothing,
          tellOutboundUse: nothing,
          tellInboundUse: () => undefined,
        },
      },
      calendar: { isSilent: false },
      settings: { configurationIntervalMs: hourMs, eventIntervalMs: minuteMs },
      withdrawals: { learn: nothing },
    };
    const unwanted = (): never => {
      throw new Error('no report was asked for');
    };
    this.link = new ServerLink(context, { applyConfiguration: nothing, liveReport: unwanted, diagnostics: unwanted });
  }

  changed(spreadMs = 0): void {
    this.link.feedReceived({ kind: 'configuration-changed', spreadMs });
  }

  answer(kind: 'serverAnswered' | 'serverFailed' = 'serverAnswered'): void {
    const commandId = this.asked.shift();
    if (commandId === undefined) throw new Error('nothing was asked');
    this.#receive(kind, commandId);
  }

  happen(): void {
    this.outbox.add({ kind: 'stopping' });
  }

  /** Answers the events that were sent last, and returns their sequences. */
  take(kind: 'serverAnswered' | 'serverFailed' = 'serverAnswered'): readonly number[] {
    const batch = this.sent.shift();
    if (batch === undefined) return [];
    this.#receive(kind, batch.commandId);
    return batch.sequences;
  }

  get timersSet(): number {
    return this.#clock.set.size;
  }

  #receive(kind: 'serverAnswered' | 'serverFailed', commandId: CommandId): void {
    const failure = { code: 'unreachable', detail: 'nobody answers' } as const;
    this.#commands.receive(kind === 'serverAnswered' ? { kind, commandId } : { kind, commandId, ...failure });
  }

  /** Timers that are due by then fire, in no order. */
  pass(milliseconds: number): void {
    this.#clock.now += milliseconds;
    for (const [timerId, dueMs] of [...this.#clock.set]) {
      if (dueMs > this.#clock.now) continue;
      this.#clock.set.delete(timerId);
      this.#timers.fire(timerId);
    }
  }
}

describe('the configuration', () => {
  it('is asked for when the server says that it changed, and else after the interval', () => {
    const stage = new Stage();
    stage.link.start();
    stage.answer();
    stage.pass(hourMs - 1);
    expect(stage.asked).toHaveLength(0);
    stage.pass(1);
    expect(stage.asked).toHaveLength(1);
    stage.answer();
    stage.changed();
    stage.pass(0);
    expect(stage.asked).toHaveLength(1);
  });

  it('is asked for again where it changed while an answer was on its way, however close behind the news it came', () => {
    for (const passBefore of [true, false]) {
      const stage = new Stage();
      stage.link.start();
      stage.changed();
      if (passBefore) stage.pass(0);
      stage.answer();
      stage.pass(0);
      expect(stage.asked).toHaveLength(1);
      stage.answer();
      stage.pass(hourMs - 1);
      expect(stage.asked).toHaveLength(0);
    }
  });

  it('is asked for at the moment within the spread, also where another answer comes before it', () => {
    const stage = new Stage();
    stage.link.start();
    stage.changed(5000);
    stage.answer();
    stage.pass(5000);
    expect(stage.asked).toHaveLength(1);
  });

  it('is asked for at once where a retry is due later', () => {
    const stage = new Stage();
    stage.link.start();
    stage.changed();
    stage.answer('serverFailed');
    stage.pass(0);
    expect(stage.asked).toHaveLength(1);
  });
});

describe('events', () => {
  it('wait for the event interval, counted from the last time; while there are none nothing wakes the agent up', () => {
    const stage = new Stage();
    stage.pass(10_000);
    expect(stage.timersSet).toBe(0);
    stage.happen();
    stage.pass(49_999);
    expect(stage.take()).toEqual([]);
    stage.pass(1);
    expect(stage.take()).toEqual([1]);
    expect(stage.timersSet).toBe(0);
    stage.pass(10 * minuteMs + 45_000);
    stage.happen();
    stage.pass(14_999);
    expect(stage.take()).toEqual([]);
    stage.happen();
    stage.pass(1);
    expect(stage.take()).toEqual([2, 3]);
    expect(stage.timersSet).toBe(0);
  });

  it('that happen while others are being sent leave an interval after these', () => {
    const stage = new Stage();
    stage.happen();
    stage.pass(minuteMs);
    stage.happen();
    stage.pass(5000);
    expect(stage.take()).toEqual([1]);
    stage.pass(minuteMs - 1);
    expect(stage.take()).toEqual([]);
    stage.pass(1);
    expect(stage.take()).toEqual([2]);
  });

  it('are sent again until the server has them, the new ones with them', () => {
    const stage = new Stage();
    stage.happen();
    stage.pass(minuteMs);
    expect(stage.take('serverFailed')).toEqual([1]);
    stage.happen();
    stage.pass(minuteMs);
    expect(stage.take()).toEqual([1, 2]);
  });

  it('that are counted wait like those that happen', () => {
    const stage = new Stage();
    const key = 'ab'.repeat(20) as PackageKey;
    stage.outbox.countTransfer(key, 'peer', 'following-claim', 'a'.repeat(32) as AgentId, 5);
    stage.pass(minuteMs);
    expect(stage.take()).toEqual([1]);
    const asker = { agentId: 'a'.repeat(32) as AgentId, clientAddress: null };
    stage.outbox.countServed(key, asker, { requests: 1, hits: 1, bytes: 5 });
    stage.pass(minuteMs);
    expect(stage.take()).toEqual([2]);
    expect(stage.timersSet).toBe(0);
  });
});
