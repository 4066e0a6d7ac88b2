import { doublingBackoffMs } from '../base/back-off.ts';
import type { AgentConfiguration } from '../contracts/agent-api.ts';
import type { FeedToCore, LiveReport } from '../contracts/agent-feed.ts';
import type { AgentDiagnostics } from '../contracts/diagnostics.ts';
import type { AgentContext } from './agent-context.ts';
import type { EffectiveSettings } from './effective-settings.ts';
import type { PolicyCalendar } from './policy-calendar.ts';
import type { AgentPorts } from './ports.ts';
import { WakeUp } from './timers.ts';
import type { Withdrawals } from './withdrawals.ts';

/** As the contract of an event batch says; the core imports contracts as types only. */
const maxEventsPerBatch = 500;
const firstRetryMs = 2000;
const lastRetryMs = 60_000;
/** Events that matter now wait this long for others that follow on their heels. */
const soonMs = 250;

/** What it takes from the agent. */
export type ServerLinkContext = Pick<AgentContext, 'timers' | 'commands' | 'outbox' | 'isStopping' | 'nowMs'> & {
  readonly ports: Pick<AgentPorts, 'clock' | 'random' | 'server'>;
  readonly calendar: Pick<PolicyCalendar, 'isSilent'>;
  readonly settings: Pick<EffectiveSettings, 'configurationIntervalMs' | 'eventIntervalMs'>;
  readonly withdrawals: Pick<Withdrawals, 'learn'>;
};

export interface ServerLinkOwner {
  applyConfiguration(configuration: AgentConfiguration): void;
  liveReport(): LiveReport;
  diagnostics(): AgentDiagnostics;
}

/** The agent's side of its talk with the Notification Server: configuration in, events and reports out. */
export class ServerLink {
  readonly #context: ServerLinkContext;
  readonly #owner: ServerLinkOwner;
  readonly #configurationWakeUp: WakeUp;
  readonly #eventWakeUp: WakeUp;
  readonly #watches: {
    readonly [Report in 'live' | 'diagnostics']: { untilMs: number; everyMs: number; readonly wakeUp: WakeUp };
  };
  #isFetching = false;
  #mustFetchAgain = false;
  #isSending = false;
  /** When the server got events last; at first, when the agent began. */
  #eventsSentAtMs: number;
  #failures = 0;

  constructor(context: ServerLinkContext, owner: ServerLinkOwner) {
    this.#context = context;
    this.#owner = owner;
    const { clock } = context.ports;
    this.#configurationWakeUp = new WakeUp(clock, context.timers, () => this.#fetchConfiguration());
    this.#eventWakeUp = new WakeUp(clock, context.timers, () => this.#sendEvents());
    this.#eventsSentAtMs = context.nowMs();
    // While nothing happens, nothing wakes the agent up.
    context.outbox.onFirstWaiting = () => this.#eventWakeUp.noLaterThan(this.#nextEventTimeMs());
    this.#watches = {
      live: { untilMs: 0, everyMs: 1000, wakeUp: new WakeUp(clock, context.timers, () => this.#report('live')) },
      diagnostics: {
        untilMs: 0,
        everyMs: 1000,
        wakeUp: new WakeUp(clock, context.timers, () => this.#report('diagnostics')),
      },
    };
  }

  /** At the start, and after a time without communication: what was decided meanwhile is asked for first. */
  start(): void {
    this.#failures = 0;
    this.#fetchConfiguration();
    this.eventsWaiting();
  }

  /** A shorter event interval holds for the events that wait already. */
  configure(): void {
    if (!this.#context.outbox.isEmpty) this.#eventWakeUp.noLaterThan(this.#nextEventTimeMs());
  }

  /** Something happened that should not wait for the event interval. */
  eventsWaiting(): void {
    if (!this.#isSending && this.#failures === 0) this.#eventWakeUp.noLaterThan(this.#context.nowMs() + soonMs);
  }

  /** Other ways lead to the server, which may have another policy and site for this agent there. */
  networkChanged(): void {
    this.#failures = 0;
    this.eventsWaiting();
    this.#fetchConfiguration();
  }

  /** The agent stops: what is waiting goes out now or never in this life. */
  flush(): void {
    this.#sendEvents();
  }

  feedReceived(
    message:
      | Exclude<FeedToCore, { readonly kind: 'outbound-share' | 'inbound-shares' | 'retry-now' }>
      | { readonly kind: 'connected' },
  ): void {
    switch (message.kind) {
      case 'connected':
        this.#failures = 0;
        this.#fetchConfiguration();
        this.eventsWaiting();
        return;
      case 'configuration-changed': {
        const delayMs = message.spreadMs === 0 ? 0 : this.#context.ports.random.below(message.spreadMs);
        this.#configurationWakeUp.noLaterThan(this.#context.nowMs() + delayMs);
        return;
      }
      case 'withdraw':
        this.#context.withdrawals.learn([message]);
        return;
      case 'report-now':
        this.#sendEvents();
        return;
      case 'watch': {
        const watch = this.#watches[message.report];
        watch.untilMs = this.#context.nowMs() + message.forMs;
        watch.everyMs = message.everyMs;
        watch.wakeUp.noLaterThan(this.#context.nowMs());
      }
    }
  }

  #fetchConfiguration(): void {
    if (this.#context.isStopping || this.#context.calendar.isSilent) return;
    if (this.#isFetching) {
      // Whatever changed after the request under way was read needs another one.
      this.#mustFetchAgain = true;
      return;
    }
    this.#isFetching = true;
    // The answer covers all that was told so far. What is told from now on has a wake-up that the answer must not put off.
    this.#configurationWakeUp.setAt(Number.POSITIVE_INFINITY);
    const commandId = this.#context.commands.begin((result) => {
      this.#isFetching = false;
      if (result.kind === 'serverFailed') {
        this.#configurationWakeUp.noLaterThan(this.#context.nowMs() + this.#retryDelayMs());
        return;
      }
      this.#failures = 0;
      if (result.kind === 'configurationReceived') this.#owner.applyConfiguration(result.configuration);
      const delayMs = this.#mustFetchAgain ? 0 : this.#context.settings.configurationIntervalMs;
      this.#mustFetchAgain = false;
      this.#configurationWakeUp.noLaterThan(this.#context.nowMs() + delayMs);
    });
    this.#context.ports.server.fetchConfiguration(commandId);
  }

  #sendEvents(): void {
    if (this.#isSending || this.#context.calendar.isSilent) return;
    const events = this.#context.outbox.batch(maxEventsPerBatch);
    const last = events.at(-1);
    if (last === undefined) return;
    this.#isSending = true;
    const commandId = this.#context.commands.begin((result) => {
      this.#isSending = false;
      if (result.kind === 'serverFailed') {
        this.#eventWakeUp.setAt(this.#context.nowMs() + this.#retryDelayMs());
        return;
      }
      this.#failures = 0;
      this.#context.outbox.acknowledge(last.sequence);
      this.#eventsSentAtMs = this.#context.nowMs();
      if (this.#context.outbox.isEmpty) return;
      const hasFullBatch = events.length === maxEventsPerBatch;
      this.#eventWakeUp.setAt(hasFullBatch ? this.#eventsSentAtMs + soonMs : this.#nextEventTimeMs());
    });
    this.#context.ports.server.sendEvents(commandId, events);
  }

  /** A whole number of intervals after the last time, so that what happens in between waits for half of one in the mean. */
  #nextEventTimeMs(): number {
    const { eventIntervalMs } = this.#context.settings;
    const passedMs = this.#context.nowMs() - this.#eventsSentAtMs;
    return this.#eventsSentAtMs + (Math.floor(passedMs / eventIntervalMs) + 1) * eventIntervalMs;
  }

  #report(report: 'live' | 'diagnostics'): void {
    const watch = this.#watches[report];
    const nowMs = this.#context.nowMs();
    if (nowMs > watch.untilMs || this.#context.isStopping) return;
    if (report === 'live') this.#context.ports.server.sendLiveReport(this.#owner.liveReport());
    else this.#context.ports.server.sendDiagnostics(this.#owner.diagnostics());
    watch.wakeUp.setAt(nowMs + watch.everyMs);
  }

  #retryDelayMs(): number {
    const delayMs = doublingBackoffMs(firstRetryMs, this.#failures, lastRetryMs);
    this.#failures = Math.min(this.#failures + 1, 10);
    // Half of it by chance: after an outage not everybody comes back in the same second.
    return Math.floor(delayMs / 2) + this.#context.ports.random.below(Math.ceil(delayMs / 2) + 1);
  }
}
