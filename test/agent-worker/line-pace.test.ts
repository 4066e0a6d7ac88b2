import { describe, expect, it } from 'vitest';
import type { Pace } from '../../electron/agent-worker/line-pace.ts';
import { LinePace } from '../../electron/agent-worker/line-pace.ts';
import { PaceGroup } from '../../electron/agent-worker/pace-group.ts';
import { ManualPacerClock } from '../helpers/manual-pacer-clock.ts';

const seconds = 10;
/** A link that is not slow keeps no test busy. */
const enoughBytes = 1e9;

class Stream {
  bytes = 0;
  readonly pace: Pace;

  constructor(pace: Pace) {
    this.pace = pace;
  }

  /** Asks before each step, as a sender does. */
  send(): this {
    const step = this.pace.stepBytes(65_536);
    const sent = (): void => {
      this.bytes += step;
      if (this.bytes < enoughBytes) this.send();
    };
    if (this.pace.ask(step, sent)) sent();
    return this;
  }

  /** Counts what came, as a receiver does. */
  receive(): this {
    const step = 4096;
    this.bytes += step;
    const goOn = (): void => {
      if (this.bytes < enoughBytes) this.receive();
    };
    if (this.pace.pass(step, goOn)) goOn();
    return this;
  }
}

function near(value: number, expected: number): void {
  expect(Math.abs(value - expected) / expected).toBeLessThanOrEqual(0.05);
}

describe.each(['send', 'receive'] as const)('a line that was slowed down, to %s', (way) => {
  const clock = new ManualPacerClock();
  const run = (): void => clock.advance(clock.nowMs() + seconds * 1000);

  it('is shared by streams of all limits, those without one too', () => {
    const line = new LinePace(clock);
    line.setRate(100_000);
    const [group, others] = [new PaceGroup({ clock }), new PaceGroup({ clock })];
    const free = new Stream(line.join(group.join(Infinity, 'a'), 'a'))[way]();
    const limited = new Stream(line.join(others.join(1_000_000, 'b'), 'b'))[way]();
    run();
    near(free.bytes + limited.bytes, 100_000 * seconds);
    near(free.bytes, limited.bytes);
  });

  it('leaves a limit that is lower as it is', () => {
    const line = new LinePace(clock);
    line.setRate(1_000_000);
    const group = new PaceGroup({ clock });
    const stream = new Stream(line.join(group.join(50_000, 'a'), 'a'))[way]();
    run();
    near(stream.bytes, 50_000 * seconds);
    stream.pace.setRate(100_000);
    const before = stream.bytes;
    run();
    near(stream.bytes - before, 100_000 * seconds);
  });

  it('slows down and frees what is under way', () => {
    const line = new LinePace(clock);
    const group = new PaceGroup({ clock });
    const stream = new Stream(line.join(group.join(200_000, 'a'), 'a'))[way]();
    run();
    near(stream.bytes, 200_000 * seconds);
    line.setRate(20_000);
    let before = stream.bytes;
    run();
    near(stream.bytes - before, 20_000 * seconds);
    line.setRate(Infinity);
    before = stream.bytes;
    run();
    near(stream.bytes - before, 200_000 * seconds);
  });

  it('is left to the others by a stream that ends', () => {
    const line = new LinePace(clock);
    line.setRate(100_000);
    const group = new PaceGroup({ clock });
    const [first, second] = ['a', 'b'].map((turn) => new Stream(line.join(group.join(Infinity, turn), turn))[way]());
    run();
    first?.pace.leave();
    const before = { first: first?.bytes, second: second?.bytes ?? 0 };
    run();
    expect(first?.bytes).toBe(before.first);
    near((second?.bytes ?? 0) - before.second, 100_000 * seconds);
  });
});
