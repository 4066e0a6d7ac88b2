import path from 'node:path';
import type { Result } from '../../shared/base/result.ts';
import { err, ok } from '../../shared/base/result.ts';
import type { ComputerConditions } from '../../shared/contracts/conditions.ts';
import type { FleetPlan, PlannedAgent } from '../../shared/contracts/fleet.ts';
import type { EmbeddedFleetStatus, FleetAction, FleetActionOutcome } from '../../shared/contracts/fleet-api.ts';
import type { UserAction, UserAnswer } from '../../shared/contracts/user-control.ts';
import type { SupervisedAgent } from './agent-record.ts';
import type { SupervisorLimits } from './agent-supervisor.ts';
import { AgentSupervisor } from './agent-supervisor.ts';
import { carryOut } from './fleet-action.ts';
import { planMove } from './fleet-move.ts';
import type { WorkerLauncher } from './launcher.ts';
import { canListen } from './loopback-probe.ts';

export interface FleetConnection {
  /** The agents' listener of the Notification Server. */
  readonly serverUrl: string;
  /** For agents without an identity yet. */
  readonly joinToken: string | null;
  /** Holds one folder per agent, named as the agent. */
  readonly dataFolder: string;
  /** Called with the plan that holds from now on, when an agent has moved; rejects where it cannot be kept. */
  readonly keepPlan?: (plan: FleetPlan) => Promise<void>;
}

export interface EmbeddedFleetOptions {
  readonly launcher: WorkerLauncher;
  readonly workerEntry: string;
  /** What workers print and what the supervisor notices, a line each. */
  readonly onOutput?: (line: string) => void;
  readonly limits?: SupervisorLimits;
}

/** All agents of a plan, in worker processes of at most `agentsPerWorker` agents of one subnet each. */
export class EmbeddedFleet {
  readonly #options: EmbeddedFleetOptions;
  readonly #listeners = new Set<(status: EmbeddedFleetStatus) => void>();
  #plan: FleetPlan | null = null;
  #supervisors: AgentSupervisor[] = [];
  #keepPlan: (plan: FleetPlan) => Promise<void> = async () => undefined;
  /** One after the other: each makes a plan of the plan before. */
  #lastMove: Promise<unknown> = Promise.resolve();
  #isRunning = false;

  constructor(options: EmbeddedFleetOptions) {
    this.#options = options;
  }

  /** Starts every worker; how the agents fare is in the status. Throws where the fleet runs already. */
  start(plan: FleetPlan, connection: FleetConnection): void {
    if (this.#isRunning) throw new Error('The embedded fleet is running already.');
    this.#isRunning = true;
    this.#plan = plan;
    this.#keepPlan = connection.keepPlan ?? (async () => undefined);
    this.#supervisors = workerGroups(plan, connection).map(
      (agents, index) =>
        new AgentSupervisor({
          launcher: this.#options.launcher,
          entry: this.#options.workerEntry,
          workerName: `fanout-agents-${index + 1}`,
          agents,
          onChange: () => this.#changed(),
          onOutput: this.#options.onOutput ?? (() => undefined),
          ...(this.#options.limits === undefined ? {} : { limits: this.#options.limits }),
        }),
    );
    for (const supervisor of this.#supervisors) supervisor.start();
  }

  /** Stops every agent and process; bounded by the supervisors' limits. */
  async stop(): Promise<void> {
    await Promise.all(this.#supervisors.map((supervisor) => supervisor.stop()));
    this.#isRunning = false;
    this.#changed();
  }

  status(): EmbeddedFleetStatus {
    return {
      running: this.#isRunning,
      subnets: (this.#plan?.subnets ?? []).map(({ name, subnet, wanKilobitsPerSecond }) => ({
        name,
        subnet,
        wanKilobitsPerSecond,
      })),
      agents: this.#supervisors.flatMap((supervisor) => supervisor.status()),
    };
  }

  /** Calls the listener after every change; the returned function ends that. */
  onChange(listener: (status: EmbeddedFleetStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** SIGKILL for the process that hosts this agent; the supervisor restarts it. Its pid, or null where none was running. */
  killWorkerOf(agentName: string): number | null {
    return this.#hostOf(agentName)?.kill()?.pid ?? null;
  }

  /** What a person does to an agent. The error is a sentence that says what to do; null where no such agent is planned. */
  async act(agentName: string, action: FleetAction): Promise<Result<FleetActionOutcome, string> | null> {
    const supervisor = this.#hostOf(agentName);
    if (supervisor === undefined) return null;
    if (!this.#isRunning) return err(fleetStopped);
    if (action.kind === 'move') return this.#moveInTurn(supervisor, agentName, action.subnet);
    return carryOut(supervisor, agentName, action);
  }

  /** Puts an agent into conditions, as if its computer were in them. False where no such agent is planned. */
  setConditions(agentName: string, conditions: ComputerConditions): boolean {
    return this.#supervisors.some((supervisor) => supervisor.setConditions(agentName, conditions));
  }

  /** What the person at an agent's computer wants; the agent's policy decides. Null where no such agent is planned. */
  async userAction(agentName: string, action: UserAction): Promise<UserAnswer | null> {
    const supervisor = this.#hostOf(agentName);
    return supervisor === undefined ? null : supervisor.userAction(agentName, action);
  }

  #moveInTurn(supervisor: AgentSupervisor, name: string, to: string): Promise<Result<FleetActionOutcome, string>> {
    const move = this.#lastMove.then(() => this.#move(supervisor, name, to));
    this.#lastMove = move.catch(() => undefined);
    return move;
  }

  async #move(supervisor: AgentSupervisor, name: string, to: string): Promise<Result<FleetActionOutcome, string>> {
    if (this.#plan === null || !this.#isRunning) return err(fleetStopped);
    const planned = await planMove(this.#plan, name, to, canListen);
    if (!planned.ok) return planned;
    const { plan, agent } = planned.value;
    await this.#keepPlan(plan);
    this.#plan = plan;
    supervisor.move(name, { subnet: to, place: placeOf(plan, agent) });
    return ok({ message: `${name} moves to ${agent.address} in ${to}.`, agents: [name] });
  }

  #hostOf(agentName: string): AgentSupervisor | undefined {
    return this.#supervisors.find((supervisor) => supervisor.hosts(agentName));
  }

  #changed(): void {
    const status = this.status();
    for (const listener of this.#listeners) listener(status);
  }
}

const fleetStopped = 'The fleet is stopped. Start it first.';

function placeOf({ interfaceKind }: FleetPlan, { address, prefixLength, port, hearingPort }: PlannedAgent) {
  const name = interfaceKind === 'loopback' ? 'Loopback' : 'Network card';
  return { interface: { name, address, prefixLength }, port, hearingPort };
}

function workerGroups(plan: FleetPlan, connection: FleetConnection): SupervisedAgent[][] {
  return plan.subnets.flatMap((subnet) => {
    const agents = subnet.agents.map(
      (planned): SupervisedAgent => ({
        subnet: subnet.subnet,
        agent: {
          name: planned.name,
          dataFolder: path.join(connection.dataFolder, planned.name),
          ...placeOf(plan, planned),
          serverUrl: connection.serverUrl,
          joinToken: connection.joinToken,
        },
      }),
    );
    const groups: SupervisedAgent[][] = [];
    for (let first = 0; first < agents.length; first += plan.agentsPerWorker) {
      groups.push(agents.slice(first, first + plan.agentsPerWorker));
    }
    return groups;
  });
}
