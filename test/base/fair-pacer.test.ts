import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FairPacer } from '../../shared/base/fair-pacer.ts';
import { ManualPacerClock } from '../helpers/manual-pacer-clock.ts';

/** An answer that sends as fast as it is allowed to. */
class GreedyAnswer {
  sentBytes = 0;
  readonly #pacer: FairPacer;
  readonly #turnName: string;
  #giveUp: (() => void) | null = null;

  constructor(pacer: FairPacer, turnName = '') {
    this.#pacer = pacer;
    this.#turnName = turnName;
    this.#ask();
  }

  stop(): void {
    this.#giveUp?.();
  }

  #ask(): void {
    const bytes = this.#pacer.sliceBytes;
    this.#giveUp = this.#pacer.ask(
      bytes,
      () => {
        this.sentBytes += bytes;
        if (this.sentBytes < 1e9) this.#ask();
      },
      this.#turnName,
    );
  }
}

describe('a fair pacer', () => {
  test('lets through what the limit allows, and a burst of 50 ms at the start', () => {
    const clock = new ManualPacerClock();
    const pacer = new FairPacer(1_000_000, clock);
    const answer = new GreedyAnswer(pacer);
    clock.advance(10_000);
    expect(answer.sentBytes).toBeGreaterThanOrEqual(10_000_000);
    expect(answer.sentBytes).toBeLessThanOrEqual(10_000_000 + 50_000 + pacer.sliceBytes);
  });

  test('divides the limit equally between answers, whenever they begin', () => {
    const clock = new ManualPacerClock();
    const pacer = new FairPacer(1_000_000, clock);
    const first = new GreedyAnswer(pacer);
    clock.advance(2_000);
    const before = first.sentBytes;
    const [second, third] = [new GreedyAnswer(pacer), new GreedyAnswer(pacer)];
    clock.advance(8_000);
    const shares = [first.sentBytes - before, second.sentBytes, third.sentBytes];
    for (const share of shares) expect(Math.abs(share - 2_000_000)).toBeLessThanOrEqual(60_000);
  });

  test('gives a turn to each name, however many answers ask under it', () => {
    const clock = new ManualPacerClock();
    const pacer = new FairPacer(1_000_000, clock);
    const greedy = Array.from({ length: 5 }, () => new GreedyAnswer(pacer, 'greedy'));
    const modest = new GreedyAnswer(pacer, 'modest');
    clock.advance(10_000);
    const greedyBytes = greedy.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
    expect(Math.abs(modest.sentBytes - 5_000_000)).toBeLessThanOrEqual(60_000);
    expect(Math.abs(greedyBytes - 5_000_000)).toBeLessThanOrEqual(60_000);
    for (const { sentBytes } of greedy) expect(Math.abs(sentBytes - 1_000_000)).toBeLessThanOrEqual(60_000);
  });

  test('lets those who wait pay for what passed without asking', () => {
    const clock = new ManualPacerClock();
    const pacer = new FairPacer(1_000_000, clock);
    const answer = new GreedyAnswer(pacer);
    pacer.charge(4_000_000);
    clock.advance(10_000);
    expect(Math.abs(answer.sentBytes - 6_000_000)).toBeLessThanOrEqual(80_000);
  });

  test('lets nothing pass at a limit of 0, and goes on when it is raised', () => {
    const clock = new ManualPacerClock();
    const pacer = new FairPacer(0, clock);
    const answer = new GreedyAnswer(pacer);
    clock.advance(600_000);
    // What may pass at once after a pause, no more.
    expect(answer.sentBytes).toBeLessThanOrEqual(2048);
    pacer.setRate(1_000_000);
    clock.advance(601_000);
    expect(answer.sentBytes).toBeGreaterThanOrEqual(900_000);
  });

  test('obeys a changed limit at once, with an answer waiting', () => {
    const clock = new ManualPacerClock();
    const pacer = new FairPacer(1_000, clock);
    const answer = new GreedyAnswer(pacer);
    clock.advance(1_000);
    pacer.setRate(10_000_000);
    const before = answer.sentBytes;
    clock.advance(2_000);
    expect(answer.sentBytes - before).toBeGreaterThanOrEqual(9_500_000);
    pacer.setRate(1_000);
    const fast = answer.sentBytes;
    clock.advance(4_000);
    expect(answer.sentBytes - fast).toBeLessThanOrEqual(2_000 + 2 * 64 * 1024);
  });

  test('gives back what an answer that broke off did not send', () => {
    const clock = new ManualPacerClock();
    const pacer = new FairPacer(1_000_000, clock);
    const answer = new GreedyAnswer(pacer);
    for (let second = 1; second <= 10; second++) {
      const broken = new GreedyAnswer(pacer);
      broken.stop();
      clock.advance(second * 1000);
    }
    expect(answer.sentBytes).toBeGreaterThanOrEqual(9_900_000);
    answer.stop();
    expect(clock.timers).toBe(0);
  });

  test('without a limit asks nobody to wait', () => {
    const clock = new ManualPacerClock();
    const pacer = new FairPacer(Number.POSITIVE_INFINITY, clock);
    let granted = 0;
    for (let count = 0; count < 1000; count++) pacer.ask(pacer.sliceBytes, () => granted++);
    expect([granted, clock.timers]).toEqual([1000, 0]);
  });

  test('never lets through more than limit × time + burst, however answers come and go', () => {
    const move = fc.record({ afterMs: fc.nat({ max: 500 }), start: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 50_000_000 }), fc.array(move, { maxLength: 20 }), (rate, moves) => {
        const clock = new ManualPacerClock();
        const pacer = new FairPacer(rate, clock);
        const answers: GreedyAnswer[] = [];
        let nowMs = 0;
        for (const { afterMs, start } of moves) {
          if (start) answers.push(new GreedyAnswer(pacer));
          else answers.at(-1)?.stop();
          nowMs += afterMs;
          clock.advance(nowMs);
        }
        const sent = answers.reduce((sum, answer) => sum + answer.sentBytes, 0);
        expect(sent).toBeLessThanOrEqual((rate * nowMs) / 1000 + Math.max(2048, rate * 0.05) + 1);
      }),
    );
  });
});
