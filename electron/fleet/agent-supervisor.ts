import { assert } from '../../shared/base/assert.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import type { ComputerConditions } from '../../shared/contracts/conditions.ts';
import { normalConditions } from '../../shared/contracts/conditions.ts';
import type { FleetAgentStatus } from '../../shared/contracts/fleet.ts';
import type { UserAction, UserAnswer } from '../../shared/contracts/user-control.ts';
import type { WorkerAgent } from '../../shared/contracts/worker-protocol.ts';
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

export interface SupervisedAgent {
  readonly agent: WorkerAgent;
  readonly subnet: string;
}

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

type AgentState = FleetAgentStatus['state'];

interface AgentRecord {
  readonly agent: WorkerAgent;
  readonly subnet: string;
  readonly backOff: BackOff;
  agentId: AgentId | null;
  conditions: ComputerConditions;
  state: AgentState;
  restarts: number;
  detail: string;
  sinceMs: number;
  cancelTimer: () => void;
}

const nothing = () => undefined;

/**
 * Keeps one worker process and its agents alive.
 *  1. A process that ends without being asked is started again after a back-off, and all its agents with it.
 *  2. An agent that fails in a living process is started again alone, unless it says that trying again cannot help.
 *  3. `stop` is bounded and leaves no process behind.
 */
export class AgentSupervisor {
  readonly #options: SupervisorOptions;
  readonly #limits: SupervisorLimits;
  readonly #clock: SupervisorClock;
  readonly #records: readonly AgentRecord[];
  readonly #processBackOff: BackOff;
  readonly #userRequests: UserRequests;
  #process: WorkerProcess | null = null;
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
    this.#processBackOff = new BackOff(firstRestartMs, longestRestartMs);
    this.#records = options.agents.map(({ agent, subnet }) => ({
      agent,
      subnet,
      backOff: new BackOff(firstRestartMs, longestRestartMs),
      agentId: null,
      conditions: agent.conditions ?? normalConditions,
      state: 'starting',
      restarts: 0,
      detail: '',
      sinceMs: this.#clock.wallTimeMs(),
      cancelTimer: nothing,
    }));
  }

  start(): void {
    assert(this.#process === null && !this.#isStopping, 'a supervisor is started once');
    this.#launch();
  }

  status(): FleetAgentStatus[] {
    return this.#records.map((record) => ({
      name: record.agent.name,
      agentId: record.agentId,
      address: addressOf(record.agent),
      port: record.agent.port,
      subnet: record.subnet,
      workerPid: this.#process?.pid ?? null,
      state: record.state,
      conditions: record.conditions,
      restarts: record.restarts,
      detail: record.detail,
      sinceMs: record.sinceMs,
    }));
  }

  hosts(agentName: string): boolean {
    return this.#records.some((record) => record.agent.name === agentName);
  }

  /** Puts an agent into conditions, over its restarts too. False where it is not one of these. */
  setConditions(agentName: string, conditions: ComputerConditions): boolean {
    const record = this.#records.find(({ agent }) => agent.name === agentName);
    if (record === undefined) return false;
    record.conditions = conditions;
    this.#process?.send({ kind: 'set-conditions', name: agentName, conditions });
    this.#options.onChange();
    return true;
  }

  /** Passes on what the person at the agent's computer wants; the agent's policy decides. Never rejects. */
  async userAction(agentName: string, action: UserAction): Promise<UserAnswer> {
    if (this.#process === null || !this.hosts(agentName)) return noAnswer(agentName);
    return this.#userRequests.ask(agentName, action, (message) => this.#process?.send(message));
  }

  /** SIGKILL for the process, as a crash would be; it is restarted like after one. Returns its pid, or null without one. */
  kill(): number | null {
    return this.#process?.kill() ?? null;
  }

  /** Stops the agents and their process; resolves when it is gone. Bounded by the limits, whatever the process does. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancelRestart();
    this.#cancelHealthy();
    for (const record of this.#records) {
      record.cancelTimer();
      if (record.state !== 'failed') this.#set(record, this.#process === null ? 'stopped' : 'stopping', '');
    }
    this.#options.onChange();
    await this.#process?.stop();
  }

  #launch(): void {
    for (const record of this.#records) if (record.state !== 'failed') this.#set(record, 'starting', '');
    const { launcher, entry, workerName } = this.#options;
    const handle = launcher.launch(entry, [], workerName);
    this.#process = new WorkerProcess(handle, this.#clock, this.#limits, this.#options.sendSignal ?? sendSystemSignal, {
      onReady: () => {
        for (const record of this.#records) if (record.state === 'starting') this.#startAgent(record);
      },
      onMessage: (message) => this.#take(message),
      onExit: (reason) => this.#processEnded(reason),
      onOutput: (line) => this.#options.onOutput(`${workerName}: ${line}`),
    });
    this.#options.onChange();
  }

  #startAgent(record: AgentRecord): void {
    this.#set(record, 'starting', '');
    this.#process?.send({ kind: 'start-agent', agent: { ...record.agent, conditions: record.conditions } });
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
    const record = this.#records.find((candidate) => candidate.agent.name === message.name);
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
        if (!this.#isStopping) this.#set(record, 'running', '');
        this.#watchHealth();
        break;
      case 'agent-failed':
        if (message.final) this.#giveUp(record, message.message);
        else this.#retry(record, message.message);
        break;
      case 'agent-stopped':
        if (this.#isStopping) this.#set(record, 'stopped', '');
        else this.#retry(record, 'It stopped by itself.');
        break;
    }
    this.#options.onChange();
  }

  /** What failed for good is not tried again; a process without any other agent is not needed any more. */
  #giveUp(record: AgentRecord, detail: string): void {
    record.cancelTimer();
    this.#set(record, 'failed', detail);
    if (this.#records.every((other) => other.state === 'failed')) void this.stop();
  }

  #retry(record: AgentRecord, why: string): void {
    this.#cancelHealthy();
    if (this.#isStopping) {
      this.#set(record, 'stopped', why);
      return;
    }
    const pauseMs = record.backOff.nextMs();
    this.#set(record, 'waiting-to-restart', `${why} Trying again in ${pauseMs / 1000} s.`);
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
    if (this.#records.some((record) => record.state !== 'running' && record.state !== 'failed')) return;
    this.#cancelHealthy = this.#clock.after(this.#limits.healthyAfterMs, () => {
      this.#processBackOff.reset();
      for (const record of this.#records) record.backOff.reset();
    });
  }

  #processEnded(reason: string): void {
    this.#process = null;
    this.#cancelHealthy();
    for (const record of this.#records) record.cancelTimer();
    const survivors = this.#records.filter((record) => record.state !== 'failed');
    if (this.#isStopping) {
      for (const record of survivors) this.#set(record, 'stopped', '');
    } else {
      const pauseMs = this.#processBackOff.nextMs();
      for (const record of survivors) {
        this.#set(
          record,
          'waiting-to-restart',
          `Its worker process ended: ${reason}. Starting again in ${pauseMs / 1000} s.`,
        );
      }
      this.#cancelRestart = this.#clock.after(pauseMs, () => {
        for (const record of survivors) record.restarts++;
        this.#launch();
      });
    }
    this.#options.onChange();
  }

  #set(record: AgentRecord, state: AgentState, detail: string): void {
    if (record.state !== state) record.sinceMs = this.#clock.wallTimeMs();
    record.state = state;
    record.detail = detail;
  }
}

/** An agent of a fleet plan has one address of its own. */
function addressOf({ interface: planned }: WorkerAgent): string {
  if (planned === 'auto') return '0.0.0.0';
  return 'address' in planned ? planned.address : (planned[0]?.address ?? '0.0.0.0');
}
