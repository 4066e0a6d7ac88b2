import type { AgentInput, ServingRequest } from '../../agent/agent-input.ts';
import type { CommandId, ServingAnswer } from '../../agent/ports.ts';
import type { AgentId, PackageKey } from '../../base/ids.ts';
import type { FetchCommand, PortWatch } from './port-watch.ts';
import type { WatchedLife } from './watched-life.ts';

/** Of every simulated computer. */
const cpuCores = 4;
/** After a change of the policy or of the computer's state. */
const graceMs = 100;

/** Whom an agent asks and whom it serves, as its policy, its state and withdrawals say. */
export class SourceRule implements PortWatch {
  readonly #watched: WatchedLife;
  readonly #requests = new Map<number, ServingRequest>();
  readonly #serving = new Map<number, ServingRequest>();
  readonly #withdrawn = new Set<PackageKey>();
  /** Requests that were under way when their package was paused: they end, also after it goes on. */
  readonly #ending = new Set<CommandId>();
  #running = 0;

  constructor(watched: WatchedLife) {
    this.#watched = watched;
  }

  heard(input: AgentInput): void {
    switch (input.kind) {
      case 'started':
      case 'configurationReceived':
        for (const { key } of input.configuration?.withdrawn ?? []) this.#withdrawn.add(key);
        this.#noteEnding();
        return;
      case 'feedReceived':
        if (input.message.kind === 'withdraw') this.#withdrawn.add(input.message.key);
        return;
      case 'servingRequested':
        this.#requests.set(input.requestId, input.request);
        return;
      case 'servingEnded':
        this.#serving.delete(input.requestId);
        return;
      case 'executed':
        this.#running--;
        return;
      default:
    }
  }

  runs(): void {
    this.#running++;
  }

  fetches({ key, source }: FetchCommand): void {
    this.#watched.check(!this.#withdrawn.has(key), 'withdrawn', () => `fetches ${key}, which is withdrawn`);
    this.#checkPackages(key);
    if (source.kind !== 'peer') return;
    const isAllowed = !this.#isSettled || !this.#watched.mayGoAlone(key);
    this.#watched.check(isAllowed, 'peer-downloading-off', () => `asks a peer for a block of ${key}`);
    this.#checkPeers(key, source.peer.agentId);
  }

  answers(requestId: number, answer: ServingAnswer): void {
    const request = this.#requests.get(requestId);
    this.#requests.delete(requestId);
    if (answer.kind !== 'serve-block' || request?.kind !== 'block') return;
    const { key } = request;
    this.#serving.set(requestId, request);
    const mostAtOnce = this.#watched.most(({ requestsPerCore }) => requestsPerCore) * cpuCores;
    const atOnce = this.#serving.size;
    this.#watched.check(atOnce <= mostAtOnce, 'serving-slots', () => `serves ${atOnce} at once of ${mostAtOnce}`);
    this.#watched.check(!this.#withdrawn.has(key), 'withdrawn', () => `serves ${key}, which is withdrawn`);
    const { configuration, computer } = this.#watched.life;
    const isInstalling = this.#running > 0 || computer.conditions.installing;
    this.#watched.check(!isInstalling, 'installs-alone', () => `serves a block of ${key} while it installs`);
    const isOff = this.#isSettled && configuration?.settings.peerDownloading === false;
    this.#watched.check(!isOff, 'peer-downloading-off', () => `serves a block of ${key}`);
  }

  drops(key: PackageKey): void {
    const isFetching = [...this.#watched.fetching.values()].some((command) => command.key === key);
    this.#watched.check(!isFetching, 'deletes-at-rest', () => `deletes ${key} while it fetches it`);
  }

  get #isSettled(): boolean {
    return this.#watched.nowMs - this.#watched.life.configuredAtMs > graceMs;
  }

  /** Those of one priority that may run: what is paused, or pre-empted by a more urgent one, ends at the next block. */
  #checkPackages(key: PackageKey): void {
    const { fetching, life } = this.#watched;
    if (life.computer.isPackageServer) return;
    const priority = this.#priorityOf(key);
    const others = [...fetching.values()]
      .filter(({ commandId }) => !this.#ending.has(commandId))
      .map((command) => command.key);
    const { size } = new Set([key, ...others.filter((other) => this.#priorityOf(other) === priority)]);
    const most = this.#watched.most(({ maxConcurrentPackages }) => maxConcurrentPackages);
    this.#watched.check(size <= most, 'concurrent-packages', () => `fetches ${size} at a time, ${most} may be`);
  }

  #noteEnding(): void {
    const { fetching } = this.#watched;
    for (const commandId of this.#ending) if (!fetching.has(commandId)) this.#ending.delete(commandId);
    for (const { commandId, key } of fetching.values()) {
      if (this.#priorityOf(key) === 'paused') this.#ending.add(commandId);
    }
  }

  #priorityOf(key: PackageKey): string | null {
    const deliveries = this.#watched.life.configuration?.deliveries ?? [];
    const delivery = deliveries.find((one) => one.key === key);
    return delivery?.plan?.isPaused === true ? 'paused' : (delivery?.priority ?? null);
  }

  #checkPeers(key: PackageKey, peer: AgentId): void {
    const peers = new Set([peer]);
    for (const command of this.#watched.fetching.values()) {
      if (command.key === key && command.source.kind === 'peer') peers.add(command.source.peer.agentId);
    }
    const most = this.#watched.most(({ peersPerAttempt }) => peersPerAttempt);
    this.#watched.check(peers.size <= most, 'peers-per-attempt', () => `asks ${peers.size} peers, ${most} may be`);
  }
}
