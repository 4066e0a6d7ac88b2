import type { FromWorker, ToWorker, WorkerAgent } from '../../shared/contracts/worker-protocol.ts';
import { toWorkerSchema } from '../../shared/contracts/worker-protocol.ts';
import { AgentFailure, messageOf } from './agent-failure.ts';
import type { AgentLogger } from './agent-logger.ts';
import type { RunningAgent } from './agent-runtime.ts';
import { startAgent } from './agent-runtime.ts';

export interface AgentHostOptions {
  readonly productVersion: string;
  readonly logger: AgentLogger;
  readonly send: (message: FromWorker) => void;
  readonly exit: (code: number) => void;
}

/** More than a plan may put into one worker (contracts/fleet.ts). */
const maxAgents = 64;

/** The agents of one worker process. Knows the worker protocol and no way of transport. */
export class AgentHost {
  readonly #options: AgentHostOptions;
  /** By name; a promise while it is starting. */
  readonly #agents = new Map<string, Promise<RunningAgent | null>>();
  #isStopping = false;

  constructor(options: AgentHostOptions) {
    this.#options = options;
  }

  handle(input: unknown): void {
    const message = toWorkerSchema.safeParse(input);
    if (message.success) this.#carryOut(message.data);
    else this.#options.logger.error({ problem: message.error.message }, 'not a message of the worker protocol');
  }

  /** Stops every agent, then ends the process with 0. */
  async stopAll(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    await Promise.all([...this.#agents.keys()].map((name) => this.#stop(name)));
    this.#options.exit(0);
  }

  #carryOut(message: ToWorker): void {
    switch (message.kind) {
      case 'start-agent':
        this.#start(message.agent);
        break;
      case 'stop-agent':
        void this.#stop(message.name);
        break;
      case 'stop':
        void this.stopAll();
        break;
      case 'set-conditions':
        void this.#agents.get(message.name)?.then((agent) => agent?.setConditions(message.conditions));
        break;
      case 'set-impairments':
        void this.#agents.get(message.name)?.then((agent) => agent?.setImpairments(message.impairments));
        break;
      case 'move-agent':
        void this.#agents.get(message.name)?.then((agent) => agent?.moveTo(message));
        break;
      case 'user-action':
        void this.#askAgent(message);
        break;
      case 'datagram': {
        const from = { address: message.fromAddress, port: message.fromPort };
        const bytes = Buffer.from(message.bytes, 'base64');
        void this.#agents.get(message.name)?.then((agent) => agent?.receiveCopiedDatagram(bytes, from));
        break;
      }
    }
  }

  #start(agent: WorkerAgent): void {
    const { name } = agent;
    if (this.#isStopping || this.#agents.has(name) || this.#agents.size >= maxAgents) {
      this.#options.logger.error({ name }, 'the agent runs already, or there are too many');
      return;
    }
    this.#agents.set(name, this.#startAgent(agent));
  }

  async #startAgent(agent: WorkerAgent): Promise<RunningAgent | null> {
    const { name } = agent;
    const { productVersion, logger, send } = this.#options;
    try {
      const running = await startAgent({
        ...agent,
        productVersion,
        logger,
        onFailure: (failure) => this.#failed(name, failure),
        onIdentityChanged: (agentId) => send({ kind: 'agent-running', name, agentId, port: agent.port }),
        onNotice: (notice) => send({ kind: 'notification', name, notice }),
      });
      send({ kind: 'agent-running', name, agentId: running.agentId, port: running.port });
      return running;
    } catch (error) {
      const failure = error instanceof AgentFailure ? error : new AgentFailure('internal', messageOf(error), error);
      this.#failed(name, failure);
      return null;
    }
  }

  async #askAgent({ name, requestId, action }: Extract<ToWorker, { kind: 'user-action' }>): Promise<void> {
    const agent = await this.#agents.get(name);
    const answer = (await agent?.ask(action)) ?? { accepted: false, message: `The agent ${name} is not running.` };
    this.#options.send({ kind: 'user-answer', name, requestId, answer });
  }

  #failed(name: string, failure: AgentFailure): void {
    this.#agents.delete(name);
    const { code, message, isFinal: final } = failure;
    this.#options.send({ kind: 'agent-failed', name, code, message, final });
  }

  async #stop(name: string): Promise<void> {
    const agent = this.#agents.get(name);
    if (agent === undefined) return;
    const running = await agent;
    if (running === null) return;
    await running.stop();
    this.#agents.delete(name);
    this.#options.send({ kind: 'agent-stopped', name });
  }
}
