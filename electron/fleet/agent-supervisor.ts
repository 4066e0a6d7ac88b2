import { assert } from '../../shared/base/assert.ts';
import type { Result } from '../../shared/base/result.ts';
import { err, ok } from '../../shared/base/result.ts';
import type { ComputerConditions } from '../../shared/contracts/conditions.ts';
import type { FleetAgentStatus } from '../../shared/contracts/fleet.ts';
import type { Impairments } from '../../shared/contracts/impairments.ts';
import type { UserAction, UserAnswer } from '../../shared/contracts/user-control.ts';
import type { ToWorker } from '../../shared/contracts/worker-protocol.ts';
import type { SupervisedAgent } from './agent-record.ts';
import { AgentRecord } from './agent-record.ts';
import { BackOff } from './back-off.ts';
import type { WorkerLauncher } from './launcher.ts';
import type { SupervisorClock } from './supervisor-clock.ts';
import { systemSupervisorClock } from './supervisor-clock.ts';
import { noAnswer, UserRequests } from './user-requests.ts';
import type { AgentMessage, SendSignal, WorkerProcessLimits } from './worker-process.ts';
import { defaultWorkerProcessLimits, sendSystemSignal, WorkerProcess } from './worker-process.ts';

export interface SupervisorLimits extends WorkerProcessLimits {
  /** Pause before the first start after a failure; doubles with each further one. */
  readonly firstRestartMs: number;
  readonly longestRestartMs: number;
  /** Running for so long resets the pause to the first one. */
  readonly healthyAfterMs: number;
}

export const defaultSupervisorLimits: SupervisorLimits = {
  ...defaultWorkerProcessLimits,
  firstRestartMs: 500,
  longestRestartMs: 30_000,
  healthyAfterMs: 60_000,
};

export interface SupervisorOptions {
  readonly launcher: WorkerLauncher;
  /** File that the worker process runs. */
  readonly entry: string;
  readonly workerName: string;
  readonly agents: readonly SupervisedAgent[];
  /** Called after every change of a status. */
  readonly onChange: () => void;
  readonly onOutput: (line: string) => void;
  readonly limits?: SupervisorLimits;
  readonly clock?: SupervisorClock;
  readonly sendSignal?: SendSignal;
}

export interface AgentMove {
  readonly subnet: string;
  readonly place: Omit<Extract<ToWorker, { kind: 'move-agent' }>, 'kind' | 'name'>;
}

const nothing = () => undefined;

/**
 * Keeps one worker process and its agents alive.
 *  1. A process that ends without being asked is started again after a back-off, and all its agents with it.
 *  2. An agent that fails in a living process is started again alone, unless it says that trying again cannot help.
 *  3. An agent that somebody stopped stays stopped until somebody starts it, whatever becomes of the process.
 *  4. A process that no agent is to run in is ended, and started when one is to run again.
 *  5. `stop` is bounded and leaves no process behind.
 */
export class AgentSupervisor {
  readonly #options: SupervisorOptions;
  readonly #limits: SupervisorLimits;
  readonly #clock: SupervisorClock;
  readonly #records: readonly AgentRecord[];
  readonly #processBackOff: BackOff;
  readonly #userRequests: UserRequests;
  #process: WorkerProcess | null = null;
  /** The process takes agents: it has said that it is ready, and is not told to end. */
  #isReady = false;
  /** The process was told to end, because nobody needs it. */
  #isRetiring = false;
  #isStopping = false;
  #cancelRestart: () => void = nothing;
  #cancelHealthy: () => void = nothing;

  constructor(options: SupervisorOptions) {
    assert(options.agents.length > 0, 'a worker process hosts at least one agent');
    this.#options = options;
    this.#limits = options.limits ?? defaultSupervisorLimits;
    this.#clock = options.clock ?? systemSupervisorClock;
    this.#userRequests = new UserRequests(this.#clock);
    const { firstRestartMs, longestRestartMs } = this.#limits;
    const backOff = () => new BackOff(firstRestartMs, longestRestartMs);
    this.#processBackOff = backOff();
    this.#records = options.agents.map((agent) => new AgentRecord(agent, backOff(), () => this.#clock.wallTimeMs()));
  }

  start(): void {
    assert(this.#process === null && !this.#isStopping, 'a supervisor is started once');
    this.#launch();
  }

  status(): FleetAgentStatus[] {
    return this.#records.map((record) => record.status(this.#process?.pid ?? null));
  }

  hosts(agentName: string): boolean {
    return this.#find(agentName) !== undefined;
  }

  /** Starts an agent that was stopped or has failed for good. The error says why there is nothing to start. */
  startAgent(agentName: string): Result<void, string> {
    const record = this.#find(agentName);
    if (record === undefined || this.#isStopping) return err('The fleet is being stopped.');
    if (record.isWanted && record.state === 'waiting-to-restart') {
      return err(`${agentName} is started again by itself in a moment.`);
    }
    if (record.isKept) return err(`${agentName} runs already.`);
    record.isWanted = true;
    record.backOff.reset();
    // One that is still on its way out says when it is.
    if (record.state !== 'stopping') {
      record.set('starting');
      if (this.#process === null) this.#launchUnlessPlanned();
      else if (this.#isReady) this.#startAgent(record);
    }
    this.#options.onChange();
    return ok(undefined);
  }

  /** Stops an agent until it is started; the others of its process go on. The error says why there is nothing to stop. */
  stopAgent(agentName: string): Result<void, string> {
    const record = this.#find(agentName);
    if (record === undefined || this.#isStopping) return err('The fleet is being stopped.');
    if (!record.isWanted) return err(`${agentName} is stopped already.`);
    const isInProcess = this.#isReady && (record.state === 'running' || record.state === 'starting');
    record.isWanted = false;
    record.cancelTimer();
    if (isInProcess) {
      record.set('stopping');
      this.#process?.send({ kind: 'stop-agent', name: agentName });
    } else if (record.state !== 'stopping') {
      record.set('stopped');
      this.#retireIfIdle();
    }
    this.#options.onChange();
    return ok(undefined);
  }

  /** Puts an agent into conditions, over its restarts too. False where it is not one of these. */
  setConditions(agentName: string, conditions: ComputerConditions): boolean {
    const record = this.#find(agentName);
    if (record === undefined) return false;
    record.conditions = conditions;
    this.#process?.send({ kind: 'set-conditions', name: agentName, conditions });
    this.#options.onChange();
    return true;
  }

  /** Does something to an agent on top of what was done before, over its restarts too. It must be one of these. */
  impair(agentName: string, changes: Partial<Impairments>): void {
    const record = this.#find(agentName);
    assert(record !== undefined, `${agentName} is hosted elsewhere`);
    record.impairments = { ...record.impairments, ...changes };
    this.#process?.send({ kind: 'set-impairments', name: agentName, impairments: record.impairments });
    this.#options.onChange();
  }

  /** Lets an agent live elsewhere, over its restarts too. It must be one of these. */
  move(agentName: string, { subnet, place }: AgentMove): void {
    const record = this.#find(agentName);
    assert(record !== undefined, `${agentName} is hosted elsewhere`);
    record.agent = { ...record.agent, ...place };
    record.subnet = subnet;
    this.#process?.send({ kind: 'move-agent', name: agentName, ...place });
    this.#options.onChange();
  }

  /** Passes on what the person at the agent's computer wants; the agent's policy decides. Never rejects. */
  async userAction(agentName: string, action: UserAction): Promise<UserAnswer> {
    if (this.#process === null || !this.hosts(agentName)) return noAnswer(agentName);
    return this.#userRequests.ask(agentName, action, (message) => this.#process?.send(message));
  }

  /** SIGKILL for the process, as a crash would be; it is restarted like after one. Null without a process. */
  kill(): { readonly pid: number; readonly agents: readonly string[] } | null {
    const agents = this.#records.filter(({ state }) => state !== 'stopped' && state !== 'failed');
    const pid = this.#process?.kill() ?? null;
    return pid === null ? null : { pid, agents: agents.map(({ name }) => name) };
  }

  /** Stops the agents and their process; resolves when it is gone. Bounded by the limits, whatever the process does. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancelRestart();
    this.#cancelHealthy();
    for (const record of this.#records) {
      record.cancelTimer();
      if (record.isKept) record.set(this.#process === null ? 'stopped' : 'stopping');
    }
    this.#options.onChange();
    await this.#process?.stop();
  }

  #find(agentName: string): AgentRecord | undefined {
    return this.#records.find(({ name }) => name === agentName);
  }

  #launchUnlessPlanned(): void {
    if (!this.#records.some(({ isKept, state }) => isKept && state === 'waiting-to-restart')) this.#launch();
  }

  #launch(): void {
    this.#cancelRestart();
    for (const record of this.#records) if (record.isKept) record.set('starting');
    const { launcher, entry, workerName } = this.#options;
    const handle = launcher.launch(entry, [], workerName);
    this.#process = new WorkerProcess(handle, this.#clock, this.#limits, this.#options.sendSignal ?? sendSystemSignal, {
      onReady: () => {
        if (this.#isRetiring) return;
        this.#isReady = true;
        for (const record of this.#records) if (record.state === 'starting') this.#startAgent(record);
      },
      onMessage: (message) => this.#take(message),
      onExit: (reason) => this.#processEnded(reason),
      onOutput: (line) => this.#options.onOutput(`${workerName}: ${line}`),
    });
    this.#options.onChange();
  }

  #startAgent(record: AgentRecord): void {
    record.set('starting');
    const { agent, conditions, impairments } = record;
    this.#process?.send({ kind: 'start-agent', agent: { ...agent, conditions, impairments } });
  }

  #take(message: AgentMessage): void {
    if (message.kind === 'user-answer') {
      this.#userRequests.answered(message.requestId, message.answer);
      return;
    }
    if (message.kind === 'notification') {
      this.#options.onOutput(`${message.name}: ${message.notice.message}`);
      return;
    }
    const record = this.#find(message.name);
    if (record === undefined) {
      this.#options.onOutput(`${this.#options.workerName}: told about ${message.name}, which it does not host`);
      return;
    }
    // Failed for good stays failed, also when the agent says farewell afterwards.
    if (record.state === 'failed') return;
    switch (message.kind) {
      case 'agent-running':
        record.agentId = message.agentId;
        // An answer that crossed a stop on its way changes nothing.
        if (!this.#isStopping && record.state !== 'stopping') record.set('running');
        this.#watchHealth();
        break;
      case 'agent-failed':
        if (!record.isWanted) this.#ended(record);
        else if (message.final) this.#giveUp(record, message.message);
        else this.#retry(record, message.message);
        break;
      case 'agent-stopped':
        this.#ended(record);
        break;
    }
    this.#options.onChange();
  }

  /** An agent that was told to stop, or stops by itself. */
  #ended(record: AgentRecord): void {
    if (!record.isWanted || this.#isStopping) {
      record.set('stopped');
      this.#retireIfIdle();
    } else if (record.state === 'stopping') {
      this.#startAgent(record); // somebody has started it meanwhile
    } else {
      this.#retry(record, 'It stopped by itself.');
    }
  }

  /** What failed for good is not tried again; a process without any other agent is not needed any more. */
  #giveUp(record: AgentRecord, detail: string): void {
    record.cancelTimer();
    record.set('failed', detail);
    this.#retireIfIdle();
  }

  #retireIfIdle(): void {
    if (this.#process === null || this.#isStopping || this.#isRetiring) return;
    if (this.#records.some(({ isKept, state }) => isKept || state === 'stopping')) return;
    this.#isReady = false;
    this.#isRetiring = true;
    void this.#process.stop();
  }

  #retry(record: AgentRecord, why: string): void {
    this.#cancelHealthy();
    if (this.#isStopping) {
      record.set('stopped', why);
      return;
    }
    const pauseMs = record.backOff.nextMs();
    record.set('waiting-to-restart', `${why} Trying again in ${pauseMs / 1000} s.`);
    record.cancelTimer();
    record.cancelTimer = this.#clock.after(pauseMs, () => {
      record.restarts++;
      this.#startAgent(record);
      this.#options.onChange();
    });
  }

  /** Everybody running for long enough: the next failure is a new one, not the continuation of an old one. */
  #watchHealth(): void {
    this.#cancelHealthy();
    if (this.#records.some(({ isKept, state }) => isKept && state !== 'running')) return;
    this.#cancelHealthy = this.#clock.after(this.#limits.healthyAfterMs, () => {
      this.#processBackOff.reset();
      for (const record of this.#records) record.backOff.reset();
    });
  }

  #processEnded(reason: string): void {
    const wasRetiring = this.#isRetiring;
    this.#process = null;
    this.#isReady = false;
    this.#isRetiring = false;
    this.#cancelHealthy();
    for (const record of this.#records) {
      record.cancelTimer();
      if (record.state !== 'failed' && (!record.isWanted || this.#isStopping)) record.set('stopped');
    }
    const survivors = this.#isStopping ? [] : this.#records.filter(({ isKept }) => isKept);
    if (survivors.length > 0 && wasRetiring) this.#launch();
    else if (survivors.length > 0) this.#restartLater(survivors, reason);
    this.#options.onChange();
  }

  #restartLater(survivors: readonly AgentRecord[], reason: string): void {
    const pauseMs = this.#processBackOff.nextMs();
    for (const record of survivors) {
      record.set('waiting-to-restart', `Its worker process ended: ${reason}. Starting again in ${pauseMs / 1000} s.`);
    }
    this.#cancelRestart = this.#clock.after(pauseMs, () => {
      const wanted = this.#records.filter(({ isKept }) => isKept);
      for (const record of wanted) record.restarts++;
      if (wanted.length > 0) this.#launch();
    });
  }
}
