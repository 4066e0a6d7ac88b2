import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../shared/sim/event-queue.ts';
import { holds } from '../helpers/properties.ts';

const plans = fc.array(
  fc.record({ timeUs: fc.integer({ min: 0, max: 50 }), cancels: fc.option(fc.nat(200), { freq: 3 }), pops: fc.nat(2) }),
  { maxLength: 200 },
);

describe('the event queue', () => {
  it('runs what a sorted list would, in the order of time and then of scheduling, cancelled ones left out', () => {
    holds(
      fc.property(plans, (plan) => {
        const queue = new EventQueue();
        const handles: number[] = [];
        let waiting: { timeUs: number; number: number }[] = [];
        const ran: number[] = [];
        const expected: number[] = [];
        const pop = () => {
          waiting.sort((a, b) => a.timeUs - b.timeUs || a.number - b.number);
          const first = waiting.shift();
          if (first !== undefined) expected.push(first.number);
          const event = queue.pop();
          expect(event?.timeUs ?? null).toBe(first?.timeUs ?? null);
          event?.run();
        };
        plan.forEach(({ timeUs, cancels, pops }, number) => {
          handles.push(queue.schedule(timeUs, () => ran.push(number)));
          waiting.push({ timeUs, number });
          if (cancels !== null && cancels < handles.length) {
            const isWaiting = waiting.some((entry) => entry.number === cancels);
            expect(queue.cancel(handles[cancels] ?? -1)).toBe(isWaiting);
            waiting = waiting.filter((entry) => entry.number !== cancels);
          }
          for (let count = 0; count < pops; count++) pop();
          expect(queue.size).toBe(waiting.length);
        });
        while (waiting.length > 0) pop();
        expect(queue.pop()).toBeNull();
        expect(ran).toEqual(expected);
      }),
    );
  });

  it('does not take the handle of an event that has run for a later event', () => {
    const queue = new EventQueue();
    const first = queue.schedule(1, () => undefined);
    queue.pop();
    queue.schedule(2, () => undefined);
    expect(queue.cancel(first)).toBe(false);
    expect(queue.size).toBe(1);
  });

  it('tells the next time, and that nothing waits', () => {
    const queue = new EventQueue();
    expect(queue.nextTimeUs).toBe(Number.POSITIVE_INFINITY);
    queue.schedule(30, () => undefined);
    const handle = queue.schedule(7, () => undefined);
    expect(queue.nextTimeUs).toBe(7);
    queue.cancel(handle);
    expect(queue.nextTimeUs).toBe(30);
  });
});
