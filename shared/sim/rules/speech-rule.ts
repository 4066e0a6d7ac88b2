import type { AgentInput } from '../../agent/agent-input.ts';
import type { DatagramMessage } from '../../agent/datagram-message.ts';
import type { TransferPort } from '../../agent/ports.ts';
import type { PackageKey } from '../../base/ids.ts';
import type { Ipv4 } from '../../base/ipv4.ts';
import type { PortWatch } from './port-watch.ts';
import type { WatchedLife } from './watched-life.ts';

const announcementSpacingMs = 1000;
const maxAnnounced = 8;
const noticeSpacingMs = 50;
const maxHolders = 12;
/** Addresses that a search of a subnet asks in a second; the first of them starts it. */
const sweepsPerSecond = 11;
/** The agent's clock counts whole milliseconds. */
const clockMs = 1;

/** How often an agent speaks, and how much at a time. */
export class SpeechRule implements PortWatch {
  readonly #watched: WatchedLife;
  #announcedAtMs = Number.NEGATIVE_INFINITY;
  readonly #toldAtMs = new Map<string, number>();
  readonly #swept: number[] = [];
  /** Told sooner than notices are: only who hands its claim over in the same moment may do that. */
  #early: { readonly key: PackageKey; readonly sinceMs: number } | null = null;

  constructor(watched: WatchedLife) {
    this.#watched = watched;
  }

  heard(input: AgentInput): void {
    this.#judgeEarly(null);
    // Who comes to another subnet says so at once.
    if (input.kind === 'interfacesChanged') this.#announcedAtMs = Number.NEGATIVE_INFINITY;
  }

  said(message: DatagramMessage, to: Ipv4 | null): void {
    if (!this.#isCopyOfEarly(message, to)) this.#judgeEarly(message.kind === 'release' ? message.key : null);
    if (message.kind === 'alive') this.#announced(message, to);
    if (message.kind === 'blocks' && to === null) this.#told(message);
    if (message.kind !== 'dht' || !('values' in message.message)) return;
    const { values } = message.message;
    const count = Array.isArray(values) ? values.length : 0;
    this.#watched.check(count <= maxHolders, 'speaks-little', () => `tells ${count} holders at a time`);
  }

  probes({ peer: { agentId, address } }: Parameters<TransferPort['hello']>[0]): void {
    if (agentId !== null) return;
    const { nowMs } = this.#watched;
    this.#swept.push(nowMs);
    while ((this.#swept[0] ?? nowMs) <= nowMs - 1000) this.#swept.shift();
    const count = this.#swept.length;
    this.#watched.check(count <= sweepsPerSecond, 'speaks-little', () => `searches ${count} addresses in a second`);
    const isHost = (address & 0xff) !== 0 || (address & 0x3ff) !== 0;
    this.#watched.check(isHost && (address & 0x3ff) !== 0x3ff, 'speaks-little', () => 'asks a broadcast address');
  }

  #announced({ packages }: Extract<DatagramMessage, { readonly kind: 'alive' }>, to: Ipv4 | null): void {
    const { length } = packages;
    this.#watched.check(length <= maxAnnounced, 'speaks-little', () => `announces ${length} packages at a time`);
    if (to !== null) return;
    const sinceMs = this.#watched.nowMs - this.#announcedAtMs;
    this.#announcedAtMs = this.#watched.nowMs;
    const isPaced = sinceMs > announcementSpacingMs - clockMs;
    this.#watched.check(isPaced, 'speaks-little', () => `announces itself after ${sinceMs} ms`);
  }

  /** That it is done, or held up, is said at once. */
  #told({ key, isFetching }: Extract<DatagramMessage, { readonly kind: 'blocks' }>): void {
    if (!isFetching) {
      this.#toldAtMs.delete(key);
      return;
    }
    const sinceMs = this.#watched.nowMs - (this.#toldAtMs.get(key) ?? Number.NEGATIVE_INFINITY);
    this.#toldAtMs.set(key, this.#watched.nowMs);
    if (sinceMs <= noticeSpacingMs - clockMs) this.#early = { key, sinceMs };
  }

  /** Subnets without broadcasts are told the same word, one peer after the other. */
  #isCopyOfEarly(message: DatagramMessage, to: Ipv4 | null): boolean {
    return to !== null && message.kind === 'blocks' && message.key === this.#early?.key;
  }

  /** What it does next is to release its claim on `key`, or null: something else. */
  #judgeEarly(key: PackageKey | null): void {
    const early = this.#early;
    if (early === null) return;
    this.#early = null;
    const isHandOver = early.key === key;
    this.#watched.check(isHandOver, 'speaks-little', () => `tells its blocks after ${early.sinceMs} ms`);
  }
}
