import type { AgentInput } from '../../agent/agent-input.ts';
import type { DatagramMessage } from '../../agent/datagram-message.ts';
import type { AgentId, PackageKey } from '../../base/ids.ts';
import type { PortWatch } from './port-watch.ts';
import type { WatchedLife } from './watched-life.ts';

/** The agent's clock counts whole milliseconds. */
const clockMs = 1;

interface Known {
  highestEpoch: number;
  /** Of the highest claim that was heard; null = it is the own one, or has ended. */
  claimer: AgentId | null;
  ownEpoch: number | null;
  /** Nobody claims before. */
  notBeforeMs: number;
}

/** A source that fails is tried by one computer of the subnet at a time: who released a claim says from when on, and all wait. */
export class BackOffRule implements PortWatch {
  readonly #watched: WatchedLife;
  readonly #known = new Map<PackageKey, Known>();

  constructor(watched: WatchedLife) {
    this.#watched = watched;
  }

  heard(input: AgentInput): void {
    switch (input.kind) {
      case 'datagramReceived':
        this.#heardMessage(input.sender, input.message);
        return;
      // What was waited for may mean nothing any more: others are asked anew.
      case 'interfacesChanged':
      case 'configurationReceived':
      case 'conditionsChanged':
      case 'feedReceived':
        for (const known of this.#known.values()) known.notBeforeMs = 0;
        return;
      default:
    }
  }

  said(message: DatagramMessage): void {
    if (message.kind === 'want') this.#knownOf(message.key).notBeforeMs = 0;
    else if (message.kind === 'release') this.#released(message, null);
    else if (message.kind === 'claim') this.#claimed(message);
  }

  #claimed({ key, epoch }: Extract<DatagramMessage, { readonly kind: 'claim' }>): void {
    const known = this.#knownOf(key);
    const { nowMs } = this.#watched;
    const earlyMs = known.notBeforeMs - nowMs;
    this.#watched.check(earlyMs < clockMs, 'source-back-off', () => `claims ${key} ${earlyMs} ms too early`);
    this.#known.set(key, { highestEpoch: epoch, claimer: null, ownEpoch: epoch, notBeforeMs: 0 });
  }

  #heardMessage(sender: AgentId, message: DatagramMessage): void {
    if (this.#watched.distrusted.has(sender)) return;
    if (message.kind === 'release') this.#released(message, sender);
    else if (message.kind === 'claim' && message.lanes.includes(sender)) {
      const known = this.#knownOf(message.key);
      if (message.epoch < known.highestEpoch) return;
      this.#known.set(message.key, { highestEpoch: message.epoch, claimer: sender, ownEpoch: null, notBeforeMs: 0 });
    }
  }

  /** `sender` null: this agent itself. */
  #released(message: Extract<DatagramMessage, { readonly kind: 'release' }>, sender: AgentId | null): void {
    const { key, epoch, retryAfterMs } = message;
    const known = this.#knownOf(key);
    const isForeign = sender !== null && (known.ownEpoch !== null || (known.claimer ?? sender) !== sender);
    if (isForeign || epoch < known.highestEpoch) return;
    const notBeforeMs = this.#watched.nowMs + retryAfterMs;
    this.#known.set(key, { highestEpoch: epoch, claimer: null, ownEpoch: null, notBeforeMs });
  }

  #knownOf(key: PackageKey): Known {
    return this.#known.get(key) ?? { highestEpoch: 0, claimer: null, ownEpoch: null, notBeforeMs: 0 };
  }
}
