import type { AgentInput } from '../agent/agent-input.ts';
import type { AgentIdentity, AgentPorts, CommandId } from '../agent/ports.ts';
import type { AgentConfiguration } from '../contracts/agent-api.ts';
import type { UserNotice } from '../contracts/user-control.ts';
import type { Computer } from './computer.ts';
import type { EventHandle } from './event-queue.ts';
import { checkSpoken } from './period-check.ts';
import type { SimulatedServing } from './simulated-serving.ts';
import type { World } from './world.ts';

/** The part of `shared/agent/agent.ts` that a simulation needs; tests of the simulator put scripts here. */
export interface AgentCore {
  handle(input: AgentInput): void;
}

export type MakeAgent = (ports: AgentPorts, identity: AgentIdentity, life: AgentLife) => AgentCore;

/** Inputs that complete a command: see `ports.ts`. */
export type Completion = Exclude<
  Extract<AgentInput, { readonly commandId: CommandId }>,
  { readonly kind: 'transferProgressed' }
>;

/** One process of an agent, from its start to its end: brings inputs to the core, and keeps the book of its commands. */
export class AgentLife {
  readonly world: World;
  readonly computer: Computer;
  readonly bootId: number;
  isOver = false;
  /** Its core has forbidden all communication (`CommunicationPort`). */
  isSilent = false;
  /** What it told the person at the computer, oldest first. */
  readonly notices: UserNotice[] = [];
  /** Its HTTP server for peers, where others find it. */
  serving: SimulatedServing | null = null;
  /** The newest that the core was given: what it has to obey. */
  configuration: AgentConfiguration | null = null;
  configuredAtMs = 0;
  /** What has to end with the process: transfers, servings, the feed. */
  readonly #endings: (() => void)[] = [];
  readonly #unfinished = new Set<CommandId>();
  /** Commands are numbered in rising order: to keep all that were ever used would be most of a long run's memory. */
  #lastCommandId = 0;
  #core: AgentCore | null = null;

  constructor(world: World, computer: Computer, bootId: number) {
    this.world = world;
    this.computer = computer;
    this.bootId = bootId;
  }

  begin(core: AgentCore): void {
    this.#core = core;
  }

  onEnd(ending: () => void): void {
    this.#endings.push(ending);
  }

  /** The process is gone from now on: nothing reaches it, what it had open breaks. */
  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#note('ended', {});
    for (const ending of this.#endings) ending();
  }

  /** Something leaves the agent for the network, whatever comes of it. */
  speak(what: string): void {
    checkSpoken(this, what);
  }

  beginCommand(commandId: CommandId): void {
    const isNew = commandId > this.#lastCommandId;
    this.world.violations.check(isNew, 'completes-once', this.computer.name, () => `command ${commandId} used twice`);
    this.#lastCommandId = Math.max(this.#lastCommandId, commandId);
    this.#unfinished.add(commandId);
  }

  isUnfinished(commandId: CommandId): boolean {
    return this.#unfinished.has(commandId);
  }

  /** Completes a command after the delay; what would complete it later still does nothing any more. */
  complete(delayUs: number, completion: Completion): void {
    if (!this.#unfinished.delete(completion.commandId)) return;
    this.post(delayUs, completion);
  }

  post(delayUs: number, input: AgentInput): EventHandle {
    return this.world.time.after(delayUs, () => this.deliver(input));
  }

  /** From events only, never from inside a command. */
  deliver(input: AgentInput): void {
    if (this.isOver) return;
    if (input.kind === 'configurationReceived' || input.kind === 'started') {
      this.configuration = input.configuration;
      this.configuredAtMs = this.world.time.nowMs;
    }
    this.#note(input.kind, input);
    this.#core?.handle(input);
  }

  #note(subject: string, fields: unknown): void {
    this.world.trace.note(this.world.time.nowUs, this.world.time.steps, this.computer.index, subject, fields);
  }
}
