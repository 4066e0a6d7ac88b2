import type { AgentInput } from '../../agent/agent-input.ts';
import type { CommandId } from '../../agent/ports.ts';
import type { AgentId, PackageKey } from '../../base/ids.ts';
import type { AgentSettings } from '../../contracts/settings.ts';
import type { AgentLife } from '../agent-life.ts';
import { mayAskPeers } from '../peer-terms.ts';
import type { CheckName } from '../violations.ts';
import type { FetchCommand, PortWatch } from './port-watch.ts';
import type { VerifiedBlocks } from './verified-blocks.ts';

/** What several rules have to know of one life of an agent: what it was told, and what it has under way. */
export class WatchedLife implements PortWatch {
  readonly life: AgentLife;
  readonly verified: VerifiedBlocks;
  readonly fetching = new Map<number, FetchCommand>();
  /** Sent damaged blocks, so that what they say need not be heeded. */
  readonly distrusted = new Set<AgentId>();
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
        this.distrusted.add(command.source.peer.agentId);
      }
    }
  }

  cancels(commandId: CommandId, unlessHalfDone: boolean): void {
    if (!unlessHalfDone) this.fetching.delete(commandId);
  }

  /** The last of those who are told. */
  fetches(command: FetchCommand): void {
    this.fetching.set(command.commandId, command);
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
}
