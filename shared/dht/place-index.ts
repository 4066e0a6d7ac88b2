import type { AgentId } from '../base/ids.ts';
import type { Place } from './node-id.ts';
import { compareDistance, placeOfAgent } from './node-id.ts';

/** So few are put in order by their whole distances. */
const smallRange = 4;
/** The first of each order are remembered, because the same packages are asked about again and again. */
const keptNearest = 32;
const maxKeptTargets = 16;

interface Placed {
  readonly agentId: AgentId;
}

/** Indexes by the list that they were made of: agents of a process that know the same peers have one of it. */
const indexes = new WeakMap<readonly Placed[], PlaceIndex<Placed>>();

/** The index of a list that is never changed; made when it is first asked for. */
export function placeIndexOf<Member extends Placed>(members: readonly Member[]): PlaceIndex<Member> {
  const kept = indexes.get(members);
  if (kept !== undefined) return kept as PlaceIndex<Member>;
  const made = new PlaceIndex(members);
  indexes.set(members, made);
  return made;
}

/** Agents in the order of their places: who is closest to a target is found without measuring all distances. */
export class PlaceIndex<Member extends Placed> {
  readonly #members: readonly Member[];
  /** The first word of each place, rising. */
  readonly #words: Uint32Array;
  /** By the first words of the target, the oldest first. */
  readonly #nearest = new Map<number, { readonly target: Place; readonly members: readonly Member[] }>();

  constructor(members: readonly Member[]) {
    const { length } = members;
    // One number for word and position: numbers are sorted far faster than objects.
    const packed = new Float64Array(length);
    members.forEach(({ agentId }, position) => {
      packed[position] = (placeOfAgent(agentId)[0] ?? 0) * length + position;
    });
    packed.sort();
    const sorted: Member[] = [];
    this.#words = new Uint32Array(length);
    for (let place = 0; place < length; place++) {
      const pair = packed[place] ?? 0;
      const member = members[pair % length];
      if (member !== undefined) sorted.push(member);
      this.#words[place] = Math.floor(pair / length);
    }
    this.#members = sorted;
  }

  /** Visits the closest to the target first, until `visit` returns true. */
  closestFirst(target: Place, visit: (member: Member) => boolean): void {
    const nearest = this.#nearestTo(target);
    if (nearest.some(visit) || nearest.length === this.#members.length) return;
    let passed = 0;
    const visitFurther = (member: Member): boolean => passed++ >= nearest.length && visit(member);
    this.#visit(target, visitFurther, 0, this.#members.length, 31);
  }

  #nearestTo(target: Place): readonly Member[] {
    const shortened = (target[0] ?? 0) * 2 ** 20 + ((target[1] ?? 0) >>> 12);
    const kept = this.#nearest.get(shortened);
    if (kept !== undefined && compareDistance(target, kept.target, target) === 0) return kept.members;
    const members: Member[] = [];
    const take = (member: Member): boolean => members.push(member) >= keptNearest;
    this.#visit(target, take, 0, this.#members.length, 31);
    this.#nearest.delete(shortened);
    this.#nearest.set(shortened, { target: target.slice(), members });
    const [oldest] = this.#nearest.size > maxKeptTargets ? this.#nearest.keys() : [];
    if (oldest !== undefined) this.#nearest.delete(oldest);
    return members;
  }

  /** Members from `from` to before `to` share all bits above `bit`. True = ended by `visit`. */
  #visit(target: Place, visit: (member: Member) => boolean, from: number, to: number, bit: number): boolean {
    if (to - from <= smallRange || bit < 0) return this.#visitSorted(target, visit, from, to);
    const middle = this.#firstWith(bit, from, to);
    const isSet = (((target[0] ?? 0) >>> bit) & 1) === 1;
    // All with the same bit as the target are closer than all with the other.
    return isSet
      ? this.#visit(target, visit, middle, to, bit - 1) || this.#visit(target, visit, from, middle, bit - 1)
      : this.#visit(target, visit, from, middle, bit - 1) || this.#visit(target, visit, middle, to, bit - 1);
  }

  #visitSorted(target: Place, visit: (member: Member) => boolean, from: number, to: number): boolean {
    if (from === to) return false;
    const range = this.#members.slice(from, to);
    if (range.length > 1)
      range.sort((a, b) => compareDistance(target, placeOfAgent(a.agentId), placeOfAgent(b.agentId)));
    return range.some(visit);
  }

  #firstWith(bit: number, from: number, to: number): number {
    let [low, high] = [from, to];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((((this.#words[middle] ?? 0) >>> bit) & 1) === 1) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
