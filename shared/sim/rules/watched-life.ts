import type { AgentInput } from '../../agent/agent-input.ts';
import type { CommandId } from '../../agent/ports.ts';
import type { AgentId, PackageKey } from '../../base/ids.ts';
import type { AgentSettings } from '../../contracts/settings.ts';
import type { AgentLife } from '../agent-life.ts';
import { mayAskPeers } from '../peer-terms.ts';
import type { CheckName } from '../violations.ts';
import type { FetchCommand, PortWatch } from './port-watch.ts';
import type { VerifiedBlocks } from './verified-blocks.ts';

/** Docs: whoever has sent so many damaged ones is banned for a day, which is longer than any run. */
const blocksUntilBan = 3;

/** What several rules have to know of one life of an agent: what it was told, and what it has under way. */
export class WatchedLife implements PortWatch {
  readonly life: AgentLife;
  readonly verified: VerifiedBlocks;
  readonly fetching = new Map<number, FetchCommand>();
  /** Damaged blocks that peers have sent: of each package, and altogether. */
  readonly #damagedOf = new Map<PackageKey, Set<AgentId>>();
  readonly #damagedBlocks = new Map<AgentId, number>();
  readonly #settings: AgentSettings[] = [];

  constructor(life: AgentLife, verified: VerifiedBlocks) {
    this.life = life;
    this.verified = verified;
  }

  get nowMs(): number {
    return this.life.world.time.nowMs;
  }

  /** Of any policy of this life: what began under an earlier one may go on. */
  most(setting: (settings: AgentSettings) => number): number {
    return Math.max(...this.#settings.map(setting));
  }

  check(holds: boolean, check: CheckName, detail: () => string): void {
    this.life.world.violations.check(holds, check, this.life.computer.name, detail);
  }

  heard(input: AgentInput): void {
    if (input.kind === 'started' || input.kind === 'configurationReceived') {
      if (input.configuration !== null) this.#settings.push(input.configuration.settings);
    } else if (input.kind === 'blockStored' || input.kind === 'transferFailed') {
      const command = this.fetching.get(input.commandId);
      this.fetching.delete(input.commandId);
      if (
        input.kind === 'transferFailed' &&
        input.failure.code === 'hash-mismatch' &&
        command?.source.kind === 'peer'
      ) {
        this.#noteDamaged(command.key, command.source.peer.agentId);
      }
    }
  }

  cancels(commandId: CommandId, unlessHalfDone: boolean): void {
    if (!unlessHalfDone) this.fetching.delete(commandId);
  }

  /** Whoever fetches it again begins with what it believes of others. */
  drops(key: PackageKey): void {
    this.#damagedOf.delete(key);
  }

  /** The last of those who are told. */
  fetches(command: FetchCommand): void {
    this.fetching.set(command.commandId, command);
  }

  /** Sent a damaged block of this package, or so many of any packages that it is banned: what it says is not heeded. */
  distrusts(peer: AgentId, key: PackageKey): boolean {
    if ((this.#damagedBlocks.get(peer) ?? 0) >= blocksUntilBan) return true;
    return this.#damagedOf.get(key)?.has(peer) ?? false;
  }

  /**
   * Whether the agent may do without its neighbours for this package: by its policy, by where it is, by the state of its computer.
   * What it has to do otherwise, it has to do from the next moment on.
   */
  mayGoAlone(key: PackageKey): boolean {
    return !mayAskPeers(this.life.computer, key);
  }

  /** Who gives nothing to others leaves the claim to them, and fetches for itself where they do not come. */
  servesNobody(key: PackageKey): boolean {
    const { configuration, computer } = this.life;
    const { onBattery, cpuLoadPercent, installing } = computer.conditions;
    const limit = configuration?.settings.cpuLimit ?? 0;
    const deliveries = configuration?.deliveries ?? [];
    const isEmergency = deliveries.some((delivery) => delivery.key === key && delivery.priority === 'emergency');
    // Other packages wait until what is installed here is installed.
    const mayInstall = isEmergency && deliveries.some(({ plan }) => plan !== undefined && plan.installation !== null);
    return mayInstall || onBattery || installing || (limit > 0 && cpuLoadPercent > 0);
  }

  #noteDamaged(key: PackageKey, peer: AgentId): void {
    const peers = this.#damagedOf.get(key) ?? new Set();
    this.#damagedOf.set(key, peers.add(peer));
    this.#damagedBlocks.set(peer, (this.#damagedBlocks.get(peer) ?? 0) + 1);
  }
}
