import type { TrafficPoint } from '../contracts/console-api.ts';

/**
 * Bytes per second of the newest `seconds` seconds. Counts are integers (exact up to 2^53), seconds without bytes are
 * zero, bytes older than the ring are not kept.
 */
export class TrafficRing {
  readonly #seconds: number;
  readonly #direct: Float64Array;
  readonly #peer: Float64Array;
  #newestSecond: number;
  readonly #firstSecond: number;

  constructor(seconds: number, nowMs: number) {
    this.#seconds = seconds;
    this.#direct = new Float64Array(seconds);
    this.#peer = new Float64Array(seconds);
    this.#newestSecond = Math.floor(nowMs / 1000);
    this.#firstSecond = this.#newestSecond;
  }

  addDirect(atMs: number, bytes: number): void {
    this.#add(this.#direct, atMs, bytes);
  }

  addPeer(atMs: number, bytes: number): void {
    this.#add(this.#peer, atMs, bytes);
  }

  /** Spreads `bytes` evenly over the seconds from `fromMs` to `toMs`; the remainder falls into the last one. */
  spreadPeer(fromMs: number, toMs: number, bytes: number): void {
    this.#spread(this.#peer, fromMs, toMs, bytes);
  }

  spreadDirect(fromMs: number, toMs: number, bytes: number): void {
    this.#spread(this.#direct, fromMs, toMs, bytes);
  }

  #spread(series: Float64Array, fromMs: number, toMs: number, bytes: number): void {
    const last = Math.floor(toMs / 1000);
    const first = Math.min(last, Math.max(Math.floor(fromMs / 1000), last - this.#seconds + 1));
    const share = Math.floor(bytes / (last - first + 1));
    for (let second = first; second < last; second++) this.#add(series, second * 1000, share);
    this.#add(series, last * 1000, bytes - share * (last - first));
  }

  /** Oldest first, one point per second up to now; a ring younger than its length starts with its first second. */
  points(nowMs: number): TrafficPoint[] {
    this.#advance(Math.floor(nowMs / 1000));
    const points: TrafficPoint[] = [];
    const first = Math.max(this.#firstSecond, this.#newestSecond - this.#seconds + 1);
    for (let second = first; second <= this.#newestSecond; second++) {
      const slot = second % this.#seconds;
      points.push({
        atMs: second * 1000,
        directBytes: this.#direct[slot] ?? 0,
        peerBytes: this.#peer[slot] ?? 0,
      });
    }
    return points;
  }

  #add(series: Float64Array, atMs: number, bytes: number): void {
    const second = Math.floor(atMs / 1000);
    this.#advance(second);
    if (second <= this.#newestSecond - this.#seconds) return;
    const slot = second % this.#seconds;
    series[slot] = (series[slot] ?? 0) + bytes;
  }

  #advance(second: number): void {
    if (second <= this.#newestSecond) return;
    const steps = Math.min(second - this.#newestSecond, this.#seconds);
    for (let step = 0; step < steps; step++) {
      const slot = (second - step) % this.#seconds;
      this.#direct[slot] = 0;
      this.#peer[slot] = 0;
    }
    this.#newestSecond = second;
  }
}
