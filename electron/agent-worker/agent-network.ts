import type { AgentInput } from '../../shared/agent/agent-input.ts';
import type { AgentInterfaceAddress } from '../../shared/agent/ports.ts';
import { formatIpv4 } from '../../shared/base/ipv4.ts';
import type { PlannedInterfaces } from '../../shared/contracts/worker-protocol.ts';
import type { AddressRules } from './address-rules.ts';
import { AgentFailure, messageOf } from './agent-failure.ts';
import type { AgentLogger } from './agent-logger.ts';
import type { AgentPlace } from './agent-runtime.ts';
import type { DatagramAdapter } from './datagram-adapter.ts';
import type { LocalAddresses } from './local-addresses.ts';
import type { SystemAdapter } from './own-interfaces.ts';
import { presentInterfaces, unsupportedAdapters } from './own-interfaces.ts';
import type { ServingAdapter } from './serving-adapter.ts';

/** The system tells nobody of a changed address: it is looked for so often. */
const lookEveryMs = 3000;

export interface AgentNetworkOptions {
  readonly plan: PlannedInterfaces;
  /** Own port, TCP and UDP, of every interface. */
  readonly port: number;
  /** Null: broadcasts are heard at the policy's port, and the own port follows it where it was the policy's. */
  readonly hearingPort: number | null;
  readonly policyPort: number;
  readonly datagrams: DatagramAdapter;
  readonly serving: ServingAdapter;
  readonly rules: AddressRules;
  readonly localAddresses: LocalAddresses;
  readonly readAdapters: () => readonly SystemAdapter[];
  readonly lookEveryMs?: number;
  readonly push: (input: AgentInput) => void;
  /** Resolves when the core has handled what was pushed. */
  readonly drained: () => Promise<void>;
  readonly logger: AgentLogger;
}

/**
 * Keeps sockets open at every address that the agent lives at, and at the policy's port: opens what is new, tells the core,
 * and closes what is gone after the core has said its last word there. What cannot be had is tried again at every look.
 */
export class AgentNetwork {
  readonly #options: AgentNetworkOptions;
  #plan: PlannedInterfaces;
  /** Broadcasts are heard at the policy's port. */
  #hearingFollows: boolean;
  #ownPortFollows: boolean;
  readonly #goneListeners: ((addresses: readonly string[]) => void)[] = [];
  #port: number;
  #hearingPort: number;
  /** With sockets, in the order of the plan. */
  #open: readonly AgentInterfaceAddress[] = [];
  #unsupported: readonly string[] = [];
  /** What went wrong at the last look: told once, not every three seconds. */
  #problems = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #lastChange: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** The core has heard where it lives; changes are told from then on. */
  #isTold = false;

  constructor(options: AgentNetworkOptions) {
    this.#options = options;
    this.#plan = options.plan;
    this.#port = options.port;
    this.#hearingPort = options.hearingPort ?? options.policyPort;
    this.#hearingFollows = options.hearingPort === null;
    this.#ownPortFollows = this.#hearingFollows && options.port === options.policyPort;
  }

  get interfaces(): readonly AgentInterfaceAddress[] {
    return this.#open;
  }

  get unsupported(): readonly string[] {
    return this.#unsupported;
  }

  /** TCP and UDP, now. */
  get port(): number {
    return this.#open[0]?.port ?? this.#port;
  }

  /** Own addresses that exist no longer: connections over them are dead. */
  onGone(listener: (addresses: readonly string[]) => void): void {
    this.#goneListeners.push(listener);
  }

  /** Takes the ports. Rejects with an `AgentFailure` where a plan with addresses cannot have a single one of them. */
  async open(): Promise<void> {
    const { datagrams } = this.#options;
    const plan = this.#plan;
    await datagrams.hearAt(this.#hearingPort);
    const failures = await this.#openAll(this.#wanted());
    if (this.#open.length > 0 || plan === 'auto') {
      for (const failure of failures) this.#tellProblem(failure.message);
      return;
    }
    const address = 'address' in plan ? plan.address : (plan[0]?.address ?? '');
    throw (
      failures[0] ?? new AgentFailure('address-not-available', `This computer does not have the address ${address}.`)
    );
  }

  /** From now on changes are found and told to the core. */
  watch(): void {
    this.#isTold = true;
    this.#timer = setInterval(() => this.#look(), this.#options.lookEveryMs ?? lookEveryMs);
    // Alone it is no reason for the process to stay.
    this.#timer.unref();
  }

  follow(policyPort: number): void {
    if (!this.#hearingFollows) return;
    this.#hearingPort = policyPort;
    if (this.#ownPortFollows) this.#port = policyPort;
    this.#look();
  }

  /** Lives elsewhere from now on, as told instead of the plan that it began with. */
  moveTo({ interface: plan, port, hearingPort }: AgentPlace): void {
    this.#plan = plan;
    this.#port = port;
    this.#hearingFollows = hearingPort === null;
    this.#ownPortFollows = false;
    if (hearingPort !== null) this.#hearingPort = hearingPort;
    this.#look();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#lastChange;
  }

  #look(): void {
    this.#lastChange = this.#lastChange
      .then(() => (this.#isClosed ? undefined : this.#follow()))
      .catch((error: unknown) => this.#tellProblem(messageOf(error)));
  }

  async #follow(): Promise<void> {
    const { datagrams, serving } = this.#options;
    const problems: string[] = [];
    await datagrams.hearAt(this.#hearingPort).catch((error: unknown) => problems.push(messageOf(error)));
    const wanted = this.#wanted();
    if (!isSame(wanted, this.#open)) {
      for (const failure of await this.#openAll(wanted)) problems.push(failure.message);
    } else serving.reopen();
    this.#problems = new Set([...this.#problems].filter((problem) => problems.includes(problem)));
    for (const problem of problems) this.#tellProblem(problem);
  }

  /** Opens what is wanted and not there, closes what is there and not wanted; the core hears of it in between. */
  async #openAll(wanted: readonly AgentInterfaceAddress[]): Promise<AgentFailure[]> {
    const { push, drained, rules, localAddresses, logger } = this.#options;
    const before = this.#open;
    const failures: AgentFailure[] = [];
    const next: AgentInterfaceAddress[] = [];
    for (const place of wanted) {
      const failure = before.some((known) => hasSameSockets(known, place)) ? null : await this.#openPlace(place);
      // Where the new port cannot be had, the old one stays.
      const kept = failure === null ? place : before.find(({ address }) => address === place.address);
      if (failure !== null) failures.push(failure);
      if (kept !== undefined) next.push(kept);
    }
    if (isSame(next, before)) return failures;
    this.#open = next;
    rules.setOwnSubnets([...next, ...before].map(({ subnet }) => subnet));
    localAddresses.set(next);
    if (this.#isTold) push({ kind: 'interfacesChanged', interfaces: next, unsupported: this.#unsupported });
    if (this.#isTold) logger.info({ interfaces: next.map(textOf) }, 'the addresses of this computer have changed');
    // Its last word goes out at the old addresses, where they still carry it.
    await drained();
    rules.setOwnSubnets(next.map(({ subnet }) => subnet));
    await this.#closeGone(before, next);
    return failures;
  }

  async #openPlace(place: AgentInterfaceAddress): Promise<AgentFailure | null> {
    const { datagrams, serving } = this.#options;
    try {
      await serving.openAt(place.address, place.port);
      await datagrams.openAt(place);
      return null;
    } catch (error) {
      await serving.closeAt(place.address, place.port);
      if (error instanceof AgentFailure) return error;
      return new AgentFailure('internal', messageOf(error), error);
    }
  }

  async #closeGone(before: readonly AgentInterfaceAddress[], next: readonly AgentInterfaceAddress[]): Promise<void> {
    const { datagrams, serving } = this.#options;
    for (const place of before.filter((known) => !next.some((now) => hasSameSockets(now, known)))) {
      await datagrams.closeAt(place);
      await serving.closeAt(place.address, place.port);
    }
    const gone = before.filter(({ address }) => !next.some((now) => now.address === address));
    if (gone.length === 0) return;
    for (const listener of this.#goneListeners) listener(gone.map(({ address }) => formatIpv4(address)));
  }

  #wanted(): AgentInterfaceAddress[] {
    const adapters = this.#options.readAdapters();
    this.#unsupported = unsupportedAdapters(adapters);
    return presentInterfaces(this.#plan, this.#port, adapters);
  }

  #tellProblem(problem: string): void {
    if (this.#problems.has(problem)) return;
    this.#problems.add(problem);
    this.#options.logger.error({ reason: problem }, 'an address or port cannot be used yet; it is tried again');
  }
}

function hasSameSockets(a: AgentInterfaceAddress, b: AgentInterfaceAddress): boolean {
  return a.address === b.address && a.port === b.port;
}

function isSamePlace(a: AgentInterfaceAddress, b: AgentInterfaceAddress): boolean {
  return hasSameSockets(a, b) && a.name === b.name && a.subnet.prefixLength === b.subnet.prefixLength;
}

function isSame(a: readonly AgentInterfaceAddress[], b: readonly AgentInterfaceAddress[]): boolean {
  return a.length === b.length && a.every((place, index) => b[index] !== undefined && isSamePlace(place, b[index]));
}

function textOf({ name, address, subnet }: AgentInterfaceAddress): string {
  return `${name} ${formatIpv4(address)}/${subnet.prefixLength}`;
}
