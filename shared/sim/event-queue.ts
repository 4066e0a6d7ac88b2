import { assert } from '../base/assert.ts';

/** Names one scheduled event until it has run or was cancelled; later uses of its slot get other handles. */
export type EventHandle = number;

/** 2^26 events may wait at once; generations have the remaining 27 bits of a safe integer. */
const slotRange = 2 ** 26;

/**
 * Events in the order of (time, sequence): a binary heap over slots, in typed arrays because an organisation of 54,000
 * agents keeps some hundred thousand timers waiting. Each slot knows its place in the heap, so that cancelling costs
 * O(log n) and leaves nothing behind.
 */
export class EventQueue {
  #timesUs = new Float64Array(64);
  #sequences = new Float64Array(64);
  #generations = new Uint32Array(64);
  #placeOfSlot = new Int32Array(64);
  #slotAtPlace = new Int32Array(64);
  readonly #runs: ((() => void) | null)[] = [];
  readonly #freeSlots: number[] = [];
  #size = 0;
  #nextSequence = 0;

  get size(): number {
    return this.#size;
  }

  /** Infinity where nothing waits. */
  get nextTimeUs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#time(this.#slotAt(0));
  }

  /** `timeUs` is an integer. Events of the same time run in the order in which they were scheduled. */
  schedule(timeUs: number, run: () => void): EventHandle {
    assert(Number.isSafeInteger(timeUs) && timeUs >= 0, `event time ${timeUs} µs`);
    const slot = this.#freeSlots.pop() ?? this.#newSlot();
    this.#timesUs[slot] = timeUs;
    this.#sequences[slot] = this.#nextSequence++;
    this.#runs[slot] = run;
    this.#put(this.#size, slot);
    this.#size++;
    this.#rise(this.#size - 1);
    return (this.#generations[slot] ?? 0) * slotRange + slot;
  }

  /** False where the event has run or was cancelled before. */
  cancel(handle: EventHandle): boolean {
    const slot = handle % slotRange;
    if ((this.#generations[slot] ?? -1) !== Math.floor(handle / slotRange)) return false;
    this.#remove(slot);
    return true;
  }

  /** Takes the earliest event out; null where nothing waits. */
  pop(): { readonly timeUs: number; readonly run: () => void } | null {
    if (this.#size === 0) return null;
    const slot = this.#slotAt(0);
    const run = this.#runs[slot];
    assert(run, 'a waiting event has something to run');
    const timeUs = this.#time(slot);
    this.#remove(slot);
    return { timeUs, run };
  }

  #remove(slot: number): void {
    const place = this.#placeOfSlot[slot] ?? 0;
    this.#runs[slot] = null;
    this.#generations[slot] = ((this.#generations[slot] ?? 0) + 1) % 2 ** 27;
    this.#freeSlots.push(slot);
    this.#size--;
    if (place === this.#size) return;
    this.#put(place, this.#slotAt(this.#size));
    this.#rise(place);
    this.#sink(place);
  }

  #newSlot(): number {
    const slot = this.#runs.length;
    assert(slot < slotRange, 'too many waiting events');
    this.#runs.push(null);
    if (slot >= this.#timesUs.length) this.#grow();
    return slot;
  }

  #grow(): void {
    const length = this.#timesUs.length * 2;
    this.#timesUs = copied(this.#timesUs, new Float64Array(length));
    this.#sequences = copied(this.#sequences, new Float64Array(length));
    this.#generations = copied(this.#generations, new Uint32Array(length));
    this.#placeOfSlot = copied(this.#placeOfSlot, new Int32Array(length));
    this.#slotAtPlace = copied(this.#slotAtPlace, new Int32Array(length));
  }

  #rise(from: number): void {
    let place = from;
    const slot = this.#slotAt(place);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const parentSlot = this.#slotAt(parent);
      if (!this.#isBefore(slot, parentSlot)) break;
      this.#put(place, parentSlot);
      place = parent;
    }
    this.#put(place, slot);
  }

  #sink(from: number): void {
    let place = from;
    const slot = this.#slotAt(place);
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#isBefore(this.#slotAt(child + 1), this.#slotAt(child))) child++;
      const childSlot = this.#slotAt(child);
      if (!this.#isBefore(childSlot, slot)) break;
      this.#put(place, childSlot);
      place = child;
    }
    this.#put(place, slot);
  }

  #isBefore(a: number, b: number): boolean {
    const timeA = this.#time(a);
    const timeB = this.#time(b);
    return timeA < timeB || (timeA === timeB && (this.#sequences[a] ?? 0) < (this.#sequences[b] ?? 0));
  }

  #put(place: number, slot: number): void {
    this.#slotAtPlace[place] = slot;
    this.#placeOfSlot[slot] = place;
  }

  #slotAt(place: number): number {
    return this.#slotAtPlace[place] ?? 0;
  }

  #time(slot: number): number {
    return this.#timesUs[slot] ?? 0;
  }
}

function copied<Numbers extends Float64Array | Uint32Array | Int32Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}
