import type { AgentInput } from '../agent/agent-input.ts';
import type { DatagramMessage } from '../agent/datagram-message.ts';
import type { AgentIdentity, AgentPorts, CommandId, PeerEndpoint } from '../agent/ports.ts';
import type { AgentConfiguration } from '../contracts/agent-api.ts';
import type { UserNotice } from '../contracts/user-control.ts';
import type { Computer } from './computer.ts';
import { checkSpoken } from './period-check.ts';
import type { SimulatedServing } from './simulated-serving.ts';
import type { World } from './world.ts';

/** After so many damaged blocks an agent has nothing to do with a peer any more: docs/protocol.md. */
const damagedBlocksUntilBan = 3;

/** The part of `shared/agent/agent.ts` that a simulation needs; tests of the simulator put scripts here. */
export interface AgentCore {
  handle(input: AgentInput): void;
  /** True where the word says nothing new, and has been taken note of: `handle` would do no more. */
  overhears?(from: PeerEndpoint, bootId: number, message: DatagramMessage): boolean;
}

export type MakeAgent = (ports: AgentPorts, identity: AgentIdentity, life: AgentLife) => AgentCore;

/** Inputs that complete a command: see `ports.ts`. */
export type Completion = Exclude<
  Extract<AgentInput, { readonly commandId: CommandId }>,
  { readonly kind: 'transferProgressed' }
>;

/** After these an agent may hear what it did not hear before. */
const changesHearing: ReadonlySet<AgentInput['kind']> = new Set([
  'started',
  'configurationReceived',
  'interfacesChanged',
  'conditionsChanged',
  'stopRequested',
]);

/** One process of an agent, from its start to its end: brings inputs to the core, and keeps the book of its commands. */
export class AgentLife {
  readonly world: World;
  readonly computer: Computer;
  readonly bootId: number;
  isOver = false;
  /** Its core has forbidden all communication (`CommunicationPort`). */
  isSilent = false;
  /** What peers announce matters to it: see `SubnetDirectoryPort.setAttentive`. */
  isAttentive = true;
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
  /** How many it got, by who sent them; null while there were none, as for nearly all. */
  #damagedBlocks: Map<Computer, number> | null = null;
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

  noteDamagedBlock(sender: Computer): void {
    this.#damagedBlocks ??= new Map();
    this.#damagedBlocks.set(sender, (this.#damagedBlocks.get(sender) ?? 0) + 1);
  }

  /** It asks the computer for nothing and serves it nothing, for the rest of this life. */
  hasBanned(computer: Computer): boolean {
    return (this.#damagedBlocks?.get(computer) ?? 0) >= damagedBlocksUntilBan;
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

  /** What is due now comes at once where an event causes it, and as one of its own where a command does. */
  post(delayUs: number, input: AgentInput): void {
    if (delayUs === 0 && !this.world.isHandling) this.deliver(input);
    else this.world.time.after(delayUs, () => this.deliver(input));
  }

  /** From events only, never from inside a command. */
  deliver(input: AgentInput): void {
    if (this.isOver) return;
    if (input.kind === 'configurationReceived' || input.kind === 'started') {
      this.configuration = input.configuration;
      this.configuredAtMs = this.world.time.nowMs;
    }
    if (changesHearing.has(input.kind)) this.computer.subnet.domain.began(this.computer);
    this.#note(input.kind, input);
    this.#handle(input);
  }

  /**
   * A word from the network. `speaker` as the word names it; `mix` stands for the message in the trace, as it is the same for
   * all who hear it.
   */
  hear(word: Extract<AgentInput, { readonly kind: 'datagramReceived' }>, speaker: PeerEndpoint, mix: number): void {
    if (this.isOver || this.isSilent) return;
    const core = this.#core;
    if (core === null) return;
    if (core.overhears?.(speaker, word.bootId, word.message) === true) return;
    this.#note(word.kind, mix);
    this.#handle(word);
  }

  #handle(input: AgentInput): void {
    this.world.isHandling = true;
    this.#core?.handle(input);
    this.world.isHandling = false;
  }

  #note(subject: string, fields: unknown): void {
    this.world.trace.note(this.world.time.nowUs, this.world.time.steps, this.computer.index, subject, fields);
  }
}
