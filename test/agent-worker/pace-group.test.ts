import { describe, expect, it } from 'vitest';
import type { PacedStream } from '../../electron/agent-worker/pace-group.ts';
import { PaceGroup } from '../../electron/agent-worker/pace-group.ts';
import { ManualPacerClock } from '../helpers/manual-pacer-clock.ts';

/** Sends steps as fast as it may, or no faster than its own link. */
class Sender {
  sentBytes = 0;
  readonly stream: PacedStream;
  readonly #clock: ManualPacerClock;
  readonly #linkBytesPerSecond: number;

  constructor(group: PaceGroup, clock: ManualPacerClock, share: number, turn: string, linkBytesPerSecond = Infinity) {
    this.stream = group.join(share, turn);
    this.#clock = clock;
    this.#linkBytesPerSecond = linkBytesPerSecond;
    this.#send();
  }

  #send(): void {
    const step = this.stream.stepBytes(65_536);
    const sent = (): void => {
      this.sentBytes += step;
      if (this.sentBytes > 1e8) return;
      if (this.#linkBytesPerSecond === Infinity) this.#send();
      else this.#clock.schedule((step / this.#linkBytesPerSecond) * 1000, () => this.#send());
    };
    if (this.stream.ask(step, sent)) sent();
  }
}

function near(value: number, expected: number): void {
  expect(Math.abs(value - expected) / expected).toBeLessThanOrEqual(0.03);
}

describe('streams under one limit', () => {
  it('pass the limit together, the same each', () => {
    const clock = new ManualPacerClock();
    const group = new PaceGroup({ clock });
    const senders = ['a', 'b', 'c', 'd'].map((turn) => new Sender(group, clock, 250_000, turn));
    clock.advance(10_000);
    for (const { sentBytes } of senders) near(sentBytes, 2_500_000);
  });

  it('leave to the others what one of them cannot take', () => {
    const clock = new ManualPacerClock();
    const group = new PaceGroup({ clock });
    const slow = new Sender(group, clock, 250_000, 'slow', 50_000);
    const fast = ['b', 'c', 'd'].map((turn) => new Sender(group, clock, 250_000, turn));
    clock.advance(10_000);
    // Max-min: the slow one gets all it can take, the rest is shared equally by those who want more.
    expect(slow.sentBytes).toBeGreaterThanOrEqual(400_000);
    const rest = 10_000_000 - slow.sentBytes;
    for (const { sentBytes } of fast) near(sentBytes, rest / 3);
  });

  it('keep to the limit when streams end and begin', () => {
    const clock = new ManualPacerClock();
    const group = new PaceGroup({ clock });
    let sentBytes = 0;
    for (let second = 0; second < 20; second++) {
      const sender = new Sender(group, clock, 1_000_000, 'a');
      clock.advance((second + 1) * 500);
      sender.stream.leave();
      sentBytes += sender.sentBytes;
    }
    near(sentBytes, 10_000_000);
  });

  it('obey a raised limit in the middle of a wait, and go on freely without one', () => {
    const clock = new ManualPacerClock();
    const group = new PaceGroup({ clock });
    const sender = new Sender(group, clock, 0, 'a');
    clock.advance(10_000);
    expect(sender.sentBytes).toBe(0);
    sender.stream.setRate(1_000_000);
    clock.advance(20_000);
    near(sender.sentBytes, 10_000_000);
    const before = sender.sentBytes;
    sender.stream.setRate(100);
    clock.advance(30_000);
    expect(sender.sentBytes - before).toBeLessThanOrEqual(70_000);
    sender.stream.setRate(Infinity);
    expect(sender.sentBytes).toBeGreaterThan(1e8);
    expect(clock.timers).toBe(0);
  });

  it('make up for a pause as long as their burst', () => {
    const clock = new ManualPacerClock();
    const stream = new PaceGroup({ clock, burstSeconds: 0.25 }).join(1_000_000, 'a');
    let passedBytes = 0;
    // A block of 0.2 s, then 0.2 s in which it is stored.
    for (let block = 0; block < 20; block++) {
      let isPaid = stream.pass(400_000, () => {
        isPaid = true;
      });
      while (!isPaid) clock.advance(clock.nowMs() + 1);
      passedBytes += 400_000;
      clock.advance(clock.nowMs() + 200);
    }
    near(passedBytes, (clock.nowMs() / 1000) * 1_000_000);
  });

  it('count what has passed although nobody waited for it to be paid', () => {
    const clock = new ManualPacerClock();
    const group = new PaceGroup({ clock });
    let passedBytes = 0;
    for (let count = 0; clock.nowMs() < 10_000; count++) {
      // A receiver of small blocks: the last bytes of each have passed before anything could hold them.
      const stream = group.join(1_000_000, 'a');
      let isPaid = stream.pass(100_000, () => {
        isPaid = true;
      });
      passedBytes += 100_000;
      if (!isPaid && count % 2 === 0) {
        while (!isPaid) clock.advance(clock.nowMs() + 1);
      }
      stream.leave();
    }
    near(passedBytes, 10_000_000);
  });
});
