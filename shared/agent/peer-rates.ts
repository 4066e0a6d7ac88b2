import type { AgentId } from '../base/ids.ts';

/** Window over which the rates of the diagnostics page are taken. */
const rateWindowMs = 5000;
const rateBuckets = rateWindowMs / 1000;
/** From so many on, meters at which nothing has passed for that time are given back … */
const enoughMeters = 4;
/** … and again once there are so many times those that were kept: all of them have to be read for it. */
const growthUntilNextLook = 2;

/** Bytes a second by peer. An agent exchanges blocks with hundreds of others, and with few at a time: only these have a meter. */
export class PeerRates {
  readonly #meters = new Map<AgentId, RateMeter>();
  /** So many meters are not looked through yet. */
  #looksAtMeters = enoughMeters;

  add(peer: AgentId, bytes: number, nowMs: number): void {
    const known = this.#meters.get(peer);
    const meter = known ?? new RateMeter();
    if (known === undefined) {
      if (this.#meters.size >= this.#looksAtMeters) this.#forgetIdle(nowMs);
      this.#meters.set(peer, meter);
    }
    meter.add(bytes, nowMs);
  }

  bytesPerSecond(peer: AgentId, nowMs: number): number {
    return this.#meters.get(peer)?.bytesPerSecond(nowMs) ?? 0;
  }

  #forgetIdle(nowMs: number): void {
    for (const [peer, meter] of this.#meters) if (meter.bytesPerSecond(nowMs) === 0) this.#meters.delete(peer);
    this.#looksAtMeters = Math.max(enoughMeters, this.#meters.size * growthUntilNextLook);
  }
}

/** Mean rate over the last seconds, from a few buckets of a second each. */
export class RateMeter {
  /** By second, modulo their number. */
  readonly #buckets = new Array<number>(rateBuckets).fill(0);
  /** Of the newest bucket. */
  #second = 0;

  add(bytes: number, nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    this.#forgetUpTo(second);
    const place = second % rateBuckets;
    this.#buckets[place] = (this.#buckets[place] ?? 0) + bytes;
  }

  bytesPerSecond(nowMs: number): number {
    this.#forgetUpTo(Math.floor(nowMs / 1000));
    let bytes = 0;
    for (const bucket of this.#buckets) bytes += bucket;
    return Math.round((bytes * 1000) / rateWindowMs);
  }

  #forgetUpTo(second: number): void {
    const from = Math.max(this.#second + 1, second - rateBuckets + 1);
    for (let past = from; past <= second; past++) this.#buckets[past % rateBuckets] = 0;
    this.#second = Math.max(this.#second, second);
  }
}
