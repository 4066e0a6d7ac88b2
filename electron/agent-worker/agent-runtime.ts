import { randomInt } from 'node:crypto';
import { availableParallelism, uptime } from 'node:os';
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import { Agent } from '../../shared/agent/agent.ts';
import type { AgentInput } from '../../shared/agent/agent-input.ts';
import type { AgentInterfaceAddress } from '../../shared/agent/ports.ts';
import { SubnetDirectory } from '../../shared/agent/subnet-directory.ts';
import type { ClockPort } from '../../shared/base/clock.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';
import { Xoshiro128 } from '../../shared/base/prng.ts';
import type { AgentConfiguration } from '../../shared/contracts/agent-api.ts';
import type { ComputerConditions } from '../../shared/contracts/conditions.ts';
import { normalConditions } from '../../shared/contracts/conditions.ts';
import type { Impairments } from '../../shared/contracts/impairments.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import type { UserAction, UserAnswer, UserNotice } from '../../shared/contracts/user-control.ts';
import type { WorkerAgent } from '../../shared/contracts/worker-protocol.ts';
import { AgentFailure, messageOf } from './agent-failure.ts';
import type { StoredIdentity } from './agent-identity.ts';
import { loadIdentity, saveIdentity } from './agent-identity.ts';
import type { AgentLogger } from './agent-logger.ts';
import { ClosingSteps } from './closing-steps.ts';
import { ComputerConditionsReader } from './computer-conditions.ts';
import { ConditionsAdapter } from './conditions-adapter.ts';
import { ControlSocket } from './control-socket.ts';
import { lockDataFolder } from './data-folder-lock.ts';
import { enrol } from './enrolment.ts';
import { ExecutionAdapter } from './execution-adapter.ts';
import { InputQueue } from './input-queue.ts';
import { LocalAddresses } from './local-addresses.ts';
import type { LocalParts } from './local-parts.ts';
import { openLocalParts } from './local-parts.ts';
import type { SystemAdapter } from './own-interfaces.ts';
import { presentInterfaces, readSystemAdapters } from './own-interfaces.ts';
import { reEnrol } from './re-enrolment.ts';
import { RealClock } from './real-clock.ts';
import { openRemoteParts } from './remote-parts.ts';
import { StoreAdapter } from './store-adapter.ts';
import type { TransferAdapter } from './transfer-adapter.ts';
import { UserDesk } from './user-desk.ts';

export interface AgentOptions extends WorkerAgent {
  readonly productVersion: string;
  readonly logger: AgentLogger;
  /** The agent runs no longer, once it had been running: revoked, or a mistake of the program. */
  readonly onFailure?: (failure: AgentFailure) => void;
  /** Its disk was a copy of another agent's: it goes on under an id of its own. */
  readonly onIdentityChanged?: (agentId: AgentId) => void;
  /** For the person at the computer, where the policy shows notifications. */
  readonly onNotice?: (notice: UserNotice) => void;
  /** Whether the person at the computer may speak to it through its data folder (control-socket.ts). */
  readonly hasControlSocket?: boolean;
  /** The system's own by default, looked at every few seconds; tests plug and unplug others. */
  readonly readAdapters?: () => readonly SystemAdapter[];
  readonly lookEveryMs?: number;
  /** The machine's own by default; tests let time pass faster, or at another hour of the week. */
  readonly makeClock?: (push: (input: AgentInput) => void) => AgentClock;
}

export interface AgentClock extends ClockPort {
  /** No timer fires afterwards. */
  close(): void;
}

export interface RunningAgent {
  readonly agentId: AgentId;
  /** TCP and UDP, now. */
  readonly port: number;
  /** Where it can be reached, now. */
  readonly interfaces: readonly AgentInterfaceAddress[];
  /** Says byebye, releases claims, flushes (2 s at most), then closes everything. Idempotent. */
  stop(): Promise<void>;
  /** What the person at the computer wants; the policy decides. */
  ask(action: UserAction): Promise<UserAnswer>;
  /** What the computer is in the middle of, as somebody has decided; nothing that is read from it counts any longer. */
  setConditions(conditions: ComputerConditions): void;
  /** What somebody does to it, instead of what was done before. */
  setImpairments(impairments: Impairments): void;
  /** Its computer is somewhere else now. Ports and addresses that cannot be had at once are tried again. */
  moveTo(place: AgentPlace): void;
  /** A broadcast that the supervisor copied, because the system delivers none. */
  receiveCopiedDatagram(bytes: Buffer, from: { readonly address: string; readonly port: number }): void;
}

/** Where an agent lives by plan; see `WorkerAgent`. */
export type AgentPlace = Pick<WorkerAgent, 'interface' | 'port' | 'hearingPort'>;

/** A stop waits this long for the server to take the last events. */
const stopWithinMs = 2000;

/** A copied agent asks for its own identity this often, until the server answers. */
const reEnrolEveryMs = 2000;

/** Starts one agent: identity, store, sockets, core. Rejects with an `AgentFailure`; nothing is left open then. */
export async function startAgent(given: AgentOptions): Promise<RunningAgent> {
  const agent = new AgentLives({ ...given, logger: given.logger.child({ agent: given.name }) });
  await agent.begin();
  return agent;
}

/** One agent, also where it turns out to be a copy: then it leaves that life and begins another, with all that it holds. */
class AgentLives implements RunningAgent {
  /** A next life begins as this one is. */
  #options: AgentOptions;
  readonly #stopped = new AbortController();
  #life: AgentLife | null = null;
  #changing: Promise<void> = Promise.resolve();

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  get agentId(): AgentId {
    return this.#current.agentId;
  }

  get port(): number {
    return this.#current.port;
  }

  get interfaces(): readonly AgentInterfaceAddress[] {
    return this.#current.interfaces;
  }

  async begin(): Promise<void> {
    this.#life = await startLife({ ...this.#options, onFailure: (failure) => this.#ended(failure) });
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#changing;
    await this.#life?.stop();
  }

  ask(action: UserAction): Promise<UserAnswer> {
    return this.#current.ask(action);
  }

  setConditions(conditions: ComputerConditions): void {
    this.#options = { ...this.#options, conditions };
    this.#current.setConditions(conditions);
  }

  setImpairments(impairments: Impairments): void {
    this.#options = { ...this.#options, impairments };
    this.#current.setImpairments(impairments);
  }

  moveTo({ interface: plan, port, hearingPort }: AgentPlace): void {
    this.#options = { ...this.#options, interface: plan, port, hearingPort };
    this.#current.moveTo({ interface: plan, port, hearingPort });
  }

  receiveCopiedDatagram(bytes: Buffer, from: { readonly address: string; readonly port: number }): void {
    this.#current.receiveCopiedDatagram(bytes, from);
  }

  get #current(): AgentLife {
    if (this.#life === null) throw new Error('the agent has not begun');
    return this.#life;
  }

  #ended(failure: AgentFailure): void {
    if (failure.code !== 'cloned') this.#options.onFailure?.(failure);
    else this.#changing = this.#changeIdentity();
  }

  async #changeIdentity(): Promise<void> {
    const { serverUrl, name, dataFolder, logger } = this.#options;
    const { bootId } = this.#current;
    try {
      const identity = await loadIdentity(dataFolder);
      const localAddresses = localAddressesOf(this.#options);
      const isUnplugged = this.#options.impairments?.isUnplugged === true;
      const own = isUnplugged
        ? null
        : identity && (await reEnrol({ serverUrl, name, localAddresses, identity, bootId, logger }));
      if (own === null) await pause(reEnrolEveryMs, this.#stopped.signal);
      else await saveIdentity(dataFolder, own);
      if (this.#stopped.signal.aborted) return;
      // Without an answer under the old id once more: where the server still calls it a copy, this is where it ends up.
      await this.begin();
      if (own === null) return;
      logger.warn({ agentId: own.agentId }, 'this disk was copied: the agent goes on under an id of its own');
      this.#options.onIdentityChanged?.(own.agentId);
    } catch (error) {
      const failure = error instanceof AgentFailure ? error : new AgentFailure('cloned', messageOf(error), error);
      this.#options.onFailure?.(failure);
    }
  }
}

async function startLife(options: AgentOptions): Promise<AgentLife> {
  const closing = new ClosingSteps(options.logger);
  try {
    const lock = await lockDataFolder(options.dataFolder);
    closing.add(() => lock.release());
    const identity = await identityOf(options);
    const life = new AgentLife(options, closing);
    life.begin(identity, await openLocalParts(options, identity, life.queue, closing));
    if (options.hasControlSocket === true) await openControl(options, life, closing);
    return life;
  } catch (error) {
    await closing.closeAll();
    if (error instanceof AgentFailure) throw error;
    throw new AgentFailure('internal', `The agent ${options.name} could not be started: ${messageOf(error)}`, error);
  }
}

async function openControl(options: AgentOptions, life: RunningAgent, closing: ClosingSteps): Promise<void> {
  const control = await ControlSocket.open(options.dataFolder, (action) => life.ask(action), options.logger);
  if (control !== null) closing.add(() => control.close());
}

async function identityOf(options: AgentOptions): Promise<StoredIdentity> {
  const known = await loadIdentity(options.dataFolder);
  if (known !== null) return known;
  const { joinToken, serverUrl, name } = options;
  if (joinToken === null) {
    throw new AgentFailure('join-token-invalid', `The agent ${name} is not enrolled yet and needs a join token.`);
  }
  if (options.impairments?.isUnplugged === true) {
    throw new AgentFailure('server-unreachable', `The agent ${name} is not enrolled yet, and its cable is unplugged.`);
  }
  const identity = await enrol({ serverUrl, joinToken, name, localAddresses: localAddressesOf(options) });
  await saveIdentity(options.dataFolder, identity);
  return identity;
}

/** The addresses of this moment, for what is asked before there are sockets. */
function localAddressesOf({ interface: plan, port, readAdapters = readSystemAdapters }: AgentOptions): LocalAddresses {
  const localAddresses = new LocalAddresses();
  localAddresses.set(presentInterfaces(plan, port, readAdapters()));
  return localAddresses;
}

/** One agent between its start and its end: puts the core between the ports, and takes it apart again. */
class AgentLife implements RunningAgent {
  #bootId = 0;
  readonly queue: InputQueue;
  readonly #options: AgentOptions;
  readonly #closing: ClosingSteps;
  #agentId: AgentId | null = null;
  #local: LocalParts | null = null;
  readonly #userDesk: UserDesk;
  readonly #conditions: ConditionsAdapter;
  /** Resolves when no command that leads out of the process is under way. */
  #outgoingIdle: () => Promise<void> = async () => undefined;
  #stopping: Promise<void> | null = null;

  constructor(options: AgentOptions, closing: ClosingSteps) {
    this.#options = options;
    this.#closing = closing;
    this.queue = new InputQueue((error, input) => {
      const message = `The agent ${options.name} failed while it handled ${input.kind}: ${messageOf(error)}`;
      options.logger.error({ error: error instanceof Error ? error.stack : String(error) }, message);
      this.#fail(new AgentFailure('internal', message, error));
    });
    closing.add(() => this.queue.close());
    this.#userDesk = new UserDesk(this.queue.push, (notice) => options.onNotice?.(notice));
    closing.add(() => this.#userDesk.close());
    this.#conditions = new ConditionsAdapter(options.conditions ?? normalConditions, (conditions) =>
      this.queue.push({ kind: 'conditionsChanged', conditions }),
    );
    closing.add(() => this.#conditions.close());
  }

  get agentId(): AgentId {
    if (this.#agentId === null) throw new Error('the agent has not begun');
    return this.#agentId;
  }

  get bootId(): number {
    return this.#bootId;
  }

  get port(): number {
    return this.#local?.network.port ?? this.#options.port;
  }

  get interfaces(): readonly AgentInterfaceAddress[] {
    return this.#local?.network.interfaces ?? [];
  }

  begin(identity: StoredIdentity, local: LocalParts): void {
    this.#agentId = identity.agentId;
    this.#bootId = local.bootId;
    this.#local = local;
    const { configuration } = local.cache;
    const { agent, transfers } = this.#buildAgent(identity, local);
    if (configuration !== null) this.#applyConfiguration(configuration, transfers);
    const { network, restored } = local;
    const { retired } = local.store;
    const installations = local.installations.all;
    const { interfaces, unsupported } = network;
    const conditions = this.#conditions.current;
    const disk = { restored, retired, installations };
    this.queue.push({ kind: 'started', interfaces, unsupported, ...disk, conditions, configuration });
    // The core opens the ways out, unless the policy forbids that at this hour.
    this.queue.attach(agent);
    network.watch();
    if (this.#options.conditionsFrom === 'computer') {
      this.#conditions.follow(new ComputerConditionsReader({ interfaceName: () => network.interfaces[0]?.name ?? '' }));
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopInOrder();
    return this.#stopping;
  }

  ask(action: UserAction): Promise<UserAnswer> {
    return this.#userDesk.ask(action);
  }

  setConditions(conditions: ComputerConditions): void {
    this.#conditions.set(conditions);
  }

  setImpairments(impairments: Impairments): void {
    this.#local?.impairments.set(impairments);
  }

  moveTo(place: AgentPlace): void {
    this.#local?.network.moveTo(place);
  }

  receiveCopiedDatagram(bytes: Buffer, from: { readonly address: string; readonly port: number }): void {
    this.#local?.datagrams.receiveCopied(bytes, from);
  }

  #buildAgent(identity: StoredIdentity, local: LocalParts) {
    const { queue } = this;
    const clock = this.#options.makeClock?.(queue.push) ?? new RealClock(queue.push);
    this.#closing.add(() => clock.close());
    const { transfers, server, communication } = openRemoteParts(this.#options, local, queue, this.#closing, {
      onConfiguration: (configuration) => this.#applyConfiguration(configuration, transfers),
      onRejected: (failure) => this.#fail(failure),
    });
    const store = new StoreAdapter(local.store, queue.push);
    const filesOf = (key: PackageKey) => local.store.find(key)?.filesFolder ?? null;
    const execution = new ExecutionAdapter(local.installations, filesOf, queue.push);
    this.#closing.add(() => execution.close());
    this.#outgoingIdle = async () => {
      await server.idle();
      await store.idle();
    };
    const { datagrams, serving, persistence, sequences, bootId, cache } = local;
    const agent = new Agent(
      {
        clock,
        random: new Xoshiro128(randomInt(2 ** 32)),
        datagrams,
        transfers,
        serving,
        store,
        server,
        persistence,
        communication,
        execution,
        user: this.#userDesk,
        subnetDirectory: new SubnetDirectory(),
      },
      {
        agentId: identity.agentId,
        name: cache.configuration?.name ?? this.#options.name,
        bootId,
        productVersion: this.#options.productVersion,
        platform: `${process.platform} ${process.arch}`,
        cpuCores: availableParallelism(),
        allowsExecution: this.#options.allowsExecution === true,
        computerStartedAtMs: Math.round(Date.now() - uptime() * 1000),
        firstEventSequence: sequences.first.events,
        firstJournalSequence: sequences.first.journal,
        settings: defaultAgentSettings,
      },
    );
    return { agent, transfers };
  }

  /** What the adapters need of a configuration, before the core acts on it. */
  #applyConfiguration(configuration: AgentConfiguration, transfers: TransferAdapter): void {
    this.#local?.groupKeys.replace(configuration.groupKeys);
    this.#local?.rules.apply(configuration);
    this.#local?.serving.dropRevoked();
    transfers.dropAgents(configuration.revokedAgentIds);
    this.#local?.httpLog.setTotalSize(configuration.settings.totalLogSize);
    this.#local?.network.follow(configuration.settings.port);
    const { logger } = this.#options;
    logger.level = configuration.settings.logLevel;
    const { name, version } = configuration.policy;
    logger.debug({ policy: name, version }, 'a configuration is in force');
  }

  #fail(failure: AgentFailure): void {
    if (this.#stopping !== null) return;
    // A copy says no goodbye: it would be that of the agent whose identity it has.
    if (failure.code === 'cloned') this.#stopping = this.#closing.closeAll();
    void this.stop().then(() => this.#options.onFailure?.(failure));
  }

  async #stopInOrder(): Promise<void> {
    this.queue.push({ kind: 'stopRequested' });
    await within(stopWithinMs, async () => {
      // The core gives its last commands within the turn that handles the request.
      await this.queue.drained();
      await this.#outgoingIdle();
    });
    await this.#closing.closeAll();
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeoutPromise(milliseconds, undefined, { signal }).catch(() => undefined);
}

async function within(milliseconds: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work(), deadline]);
  clearTimeout(timer);
}
