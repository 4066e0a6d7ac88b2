import type { ConsoleClient } from '../fleet/console-client.ts';
import type { DesktopStatus } from './desktop-status.ts';

/** What a person may take for "now". */
const everyMs = 5_000;
/** It is a question over the statistics of a day. */
const savedEveryMs = 60_000;

/**
 * Asks the server of this application how it does, by the same interface as every program. An answer that does not come is left
 * out: the console says what is wrong with a server.
 */
export class StatusWatch {
  readonly #console: Pick<ConsoleClient, 'call'>;
  readonly #onStatus: (status: DesktopStatus) => void;
  readonly #now: () => Date;
  #timer: NodeJS.Timeout | null = null;
  #saved: { readonly bytes: number; readonly atMs: number } | null = null;
  #isStopped = false;

  constructor(console: Pick<ConsoleClient, 'call'>, onStatus: (status: DesktopStatus) => void, now = () => new Date()) {
    this.#console = console;
    this.#onStatus = onStatus;
    this.#now = now;
  }

  start(): void {
    void this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      const status = await this.#read();
      if (!this.#isStopped) this.#onStatus(status);
    } catch (error) {
      if (!this.#isStopped) console.error(`The status for the tray could not be read: ${String(error)}`);
    }
    if (!this.#isStopped) this.#timer = setTimeout(() => void this.#look(), everyMs);
  }

  async #read(): Promise<DesktopStatus> {
    const [{ agents, agentsOnline }, deliveries, alerts, savedTodayBytes] = await Promise.all([
      this.#console.call('serverStatus', {}),
      this.#console.call('deliveries', {}),
      this.#console.call('alerts', {}),
      this.#readSaved(),
    ]);
    return { agents, agentsOnline, deliveries, alerts, savedTodayBytes };
  }

  async #readSaved(): Promise<number> {
    const now = this.#now();
    const atMs = now.getTime();
    const midnightMs = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
    const isFresh = this.#saved !== null && this.#saved.atMs >= midnightMs && atMs - this.#saved.atMs < savedEveryMs;
    if (this.#saved === null || !isFresh) {
      const query = { fromMs: String(midnightMs), toMs: String(atMs), groupBy: 'all' as const };
      const { total } = await this.#console.call('savingsReport', { query });
      this.#saved = { bytes: total.savedBytes, atMs };
    }
    return this.#saved.bytes;
  }
}
