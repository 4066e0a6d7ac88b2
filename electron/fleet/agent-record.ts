import type { AgentId } from '../../shared/base/ids.ts';
import type { ComputerConditions } from '../../shared/contracts/conditions.ts';
import { normalConditions } from '../../shared/contracts/conditions.ts';
import type { FleetAgentStatus } from '../../shared/contracts/fleet.ts';
import type { Impairments } from '../../shared/contracts/impairments.ts';
import { noImpairments } from '../../shared/contracts/impairments.ts';
import type { WorkerAgent } from '../../shared/contracts/worker-protocol.ts';
import type { BackOff } from './back-off.ts';

export interface SupervisedAgent {
  readonly agent: WorkerAgent;
  readonly subnet: string;
}

type AgentState = FleetAgentStatus['state'];

const nothing = () => undefined;

/** What a supervisor knows of one of its agents. */
export class AgentRecord {
  agent: WorkerAgent;
  subnet: string;
  readonly backOff: BackOff;
  readonly #wallTimeMs: () => number;
  #state: AgentState = 'starting';
  #sinceMs: number;
  #detail = '';
  agentId: AgentId | null = null;
  conditions: ComputerConditions;
  impairments: Impairments;
  /** Nobody has stopped it, or somebody has started it since. */
  isWanted = true;
  restarts = 0;
  /** Of the next attempt to start it alone. */
  cancelTimer: () => void = nothing;

  constructor({ agent, subnet }: SupervisedAgent, backOff: BackOff, wallTimeMs: () => number) {
    this.agent = agent;
    this.subnet = subnet;
    this.backOff = backOff;
    this.#wallTimeMs = wallTimeMs;
    this.#sinceMs = wallTimeMs();
    this.conditions = agent.conditions ?? normalConditions;
    this.impairments = agent.impairments ?? noImpairments;
  }

  get name(): string {
    return this.agent.name;
  }

  get state(): AgentState {
    return this.#state;
  }

  /** It runs, or is to run again as soon as it can. */
  get isKept(): boolean {
    return this.isWanted && this.#state !== 'failed';
  }

  set(state: AgentState, detail = ''): void {
    if (this.#state !== state) this.#sinceMs = this.#wallTimeMs();
    this.#state = state;
    this.#detail = detail;
  }

  status(processId: number | null): FleetAgentStatus {
    return {
      name: this.name,
      agentId: this.agentId,
      address: addressOf(this.agent),
      port: this.agent.port,
      subnet: this.subnet,
      workerPid: this.#state === 'stopped' ? null : processId,
      state: this.#state,
      conditions: this.conditions,
      impairments: this.impairments,
      restarts: this.restarts,
      detail: this.#detail,
      sinceMs: this.#sinceMs,
    };
  }
}

/** An agent of a fleet plan has one address of its own. */
function addressOf({ interface: planned }: WorkerAgent): string {
  if (planned === 'auto') return '0.0.0.0';
  return 'address' in planned ? planned.address : (planned[0]?.address ?? '0.0.0.0');
}
