import { describe, expect, test } from 'vitest';
import { Xoshiro128 } from '../../shared/base/prng.ts';
import { halvedShare } from '../../shared/base/share-halving.ts';
import { DividedLimits } from '../../shared/server/divided-limits.ts';
import { forSeeds } from '../helpers/seeds.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const server = 'notification-server';

/** What a source was told last of one limit, and when it arrived. */
interface Belief {
  readonly bytesPerSecond: number;
  readonly atMs: number;
}

/** Sources of several limits, as far as messages reach them; the Notification Server hears itself at once. */
class Senders {
  readonly #arrived = new Map<string, Belief>();
  #underWay: (Belief & { readonly source: string; readonly id: string })[] = [];

  send(source: string, id: string, belief: Belief): void {
    const last = this.#underWay.findLast((other) => other.source === source && other.id === id);
    this.#underWay.push({ ...belief, atMs: Math.max(belief.atMs, last?.atMs ?? 0), source, id });
  }

  /** What is under way arrives no more; with its memory gone it believes nothing. */
  cut(source: string, forgets: boolean): void {
    this.#underWay = this.#underWay.filter((other) => other.source !== source);
    if (!forgets) return;
    for (const name of this.#arrived.keys()) if (name.startsWith(`${source} `)) this.#arrived.delete(name);
  }

  believed(source: string, id: string, nowMs: number): number {
    for (const next of this.#underWay) if (next.atMs <= nowMs) this.#arrived.set(`${next.source} ${next.id}`, next);
    this.#underWay = this.#underWay.filter(({ atMs }) => atMs > nowMs);
    const belief = this.#arrived.get(`${source} ${id}`);
    return belief === undefined ? 0 : halvedShare(belief.bytesPerSecond, nowMs - belief.atMs);
  }
}

describe('limits that are divided', () => {
  test('are told to each source by limit, and one source does not take from one limit for another', () => {
    const divided = new DividedLimits<string>();
    const limits = [
      { id: 'a', bytesPerSecond: 800, sources: [server, 'x'] },
      { id: 'b', bytesPerSecond: 8000, sources: [server, 'x'] },
    ];
    divided.setLimits(limits, (source) => source === server, 0);
    divided.connected('x', 0);
    const told = new Map<string, number>();
    for (let nowMs = 0; nowMs <= 20 * secondMs; nowMs += secondMs) {
      divided.used('x', 'a', nowMs);
      divided.used('x', 'elsewhere', nowMs);
      for (const { id, source, bytesPerSecond } of divided.tick(nowMs)) told.set(`${source} ${id}`, bytesPerSecond);
    }
    expect(Object.fromEntries(told)).toEqual({
      [`${server} a`]: 100,
      'x a': 700,
      [`${server} b`]: 4000,
      'x b': 4000,
    });
  });

  test('belong to the only source whole, from the first word on and through every change', () => {
    const divided = new DividedLimits<string>();
    const set = (bytesPerSecond: number) =>
      divided.setLimits([{ id: 'a', bytesPerSecond, sources: [server] }], () => true, 0);
    set(1000);
    expect(divided.tick(0)).toEqual([{ id: 'a', source: server, bytesPerSecond: 1000 }]);
    set(3000);
    expect(divided.tick(0)).toEqual([{ id: 'a', source: server, bytesPerSecond: 3000 }]);
    set(200);
    expect(divided.tick(0)).toEqual([{ id: 'a', source: server, bytesPerSecond: 200 }]);
  });

  test('come back to those who are there when one went that they did not bind before', () => {
    const divided = new DividedLimits<string>();
    divided.setLimits([{ id: 'a', bytesPerSecond: Number.POSITIVE_INFINITY, sources: [server, 'x'] }], () => true, 0);
    divided.tick(0);
    divided.disconnected('x');
    divided.setRate('a', 1000);
    let own = Number.POSITIVE_INFINITY;
    for (let nowMs = 0; nowMs <= 6 * minuteMs; nowMs += secondMs) {
      for (const { source, bytesPerSecond } of divided.tick(nowMs)) if (source === server) own = bytesPerSecond;
      if (nowMs === 5 * minuteMs) expect(own).toBe(0);
    }
    expect(own).toBe(1000);
  });

  test('are never exceeded by what all that send into a site believe, whatever happens to them', () => {
    forSeeds(100, (seed) => {
      const random = new Xoshiro128(seed);
      const sites = ['a', 'b', 'c'].slice(0, 1 + random.below(3));
      const servers = ['u', 'v', 'w', 'x'].slice(0, 1 + random.below(4));
      const limits = new Map(sites.map((id) => [id, 1 + random.below(2_000_000)]));
      const online = new Set<string>([server]);
      const senders = new Senders();
      const divided = new DividedLimits<string>();
      const sources = [server, ...servers];
      const structure = [...limits].map(([id, bytesPerSecond]) => ({ id, bytesPerSecond, sources }));
      divided.setLimits(structure, (source) => online.has(source), 0);
      const tick = (nowMs: number): void => {
        for (const { id, source, bytesPerSecond } of divided.tick(nowMs)) {
          const delayMs = source === server ? 0 : random.below(1900);
          senders.send(source, id, { bytesPerSecond, atMs: nowMs + delayMs });
        }
      };
      for (let nowMs = 0; nowMs < 20 * minuteMs; nowMs += 250) {
        if (random.below(3) === 0) divided.used(server, sites[random.below(sites.length)] ?? '', nowMs);
        for (const name of servers) {
          if (!online.has(name)) {
            if (random.below(600) !== 0) continue;
            online.add(name);
            senders.cut(name, false);
            divided.connected(name, nowMs);
          } else if (random.below(400) === 0) {
            online.delete(name);
            divided.disconnected(name);
            if (random.below(2) === 0) senders.cut(name, true);
          } else if (random.below(3) === 0) {
            divided.used(name, sites[random.below(sites.length)] ?? '', nowMs);
          }
        }
        // Sites and their Package Servers are looked at anew when the organisation changes.
        if (random.below(500) === 0) divided.setLimits(structure, (source) => online.has(source), nowMs);
        if (random.below(2) === 0) tick(nowMs);
        for (const [id, limit] of limits) {
          let sum = 0;
          for (const source of sources) sum += senders.believed(source, id, nowMs);
          if (sum > limit) throw new Error(`${sum} of ${limit} bytes per second into ${id} after ${nowMs} ms`);
        }
      }
    });
  });
});
