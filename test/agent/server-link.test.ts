import { describe, expect, it } from 'vitest';
import { EventOutbox } from '../../shared/agent/event-outbox.ts';
import { PendingCommands } from '../../shared/agent/pending-commands.ts';
import type { CommandId } from '../../shared/agent/ports.ts';
import { ServerLink } from '../../shared/agent/server-link.ts';
import { Timers } from '../../shared/agent/timers.ts';
import { Xoshiro128 } from '../../shared/base/prng.ts';
import { ManualClock } from './support/manual-clock.ts';

const hourMs = 3_600_000;

class Stage {
  readonly #clock = new ManualClock();
  readonly #timers = new Timers(this.#clock);
  readonly #commands = new PendingCommands();
  /** Requests for the configuration that nobody has answered. */
  readonly asked: CommandId[] = [];
  readonly link: ServerLink;

  constructor() {
    const nothing = (): void => undefined;
    const context = {
      timers: this.#timers,
      commands: this.#commands,
      outbox: new EventOutbox(this.#clock, 1),
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
          sendEvents: nothing,
          sendLiveReport: nothing,
          sendDiagnostics: nothing,
          tellOutboundUse: nothing,
          tellInboundUse: () => undefined,
        },
      },
      calendar: { isSilent: false },
      settings: { configurationIntervalMs: hourMs, eventIntervalMs: hourMs },
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
