import { afterEach, describe, expect, it } from 'vitest';
import type { ClockPort } from '../../shared/base/clock.ts';
import type { CollectedInputs, PortHarness } from './collected-inputs.ts';

export interface ClockHarness extends PortHarness {
  readonly clock: ClockPort;
  readonly inputs: CollectedInputs;
}

export function describeClockPort(name: string, create: () => Promise<ClockHarness>): void {
  describe(`clock port: ${name}`, () => {
    let harness: ClockHarness | undefined;
    const start = async (): Promise<ClockHarness> => {
      harness = await create();
      return harness;
    };
    afterEach(async () => {
      await harness?.dispose();
      harness = undefined;
    });

    const firedOf = (inputs: CollectedInputs): number[] => inputs.of('timer').map(({ timerId }) => timerId);

    it('fires a timer exactly once, not from inside the call and not too early', async () => {
      const { clock, inputs, ...rest } = await start();
      const setAtMs = clock.nowMs();
      clock.setTimer(7, 30);
      expect(firedOf(inputs)).toEqual([]);
      await rest.until('timer 7 fires', () => firedOf(inputs).length > 0);
      // One millisecond of slack: timers of the system count whole milliseconds of another clock.
      expect(clock.nowMs()).toBeGreaterThanOrEqual(setAtMs + 29);
      await rest.settle();
      expect(firedOf(inputs)).toEqual([7]);
    });

    it('fires timers in the order of their time, whatever the order of setting', async () => {
      const { clock, inputs, ...rest } = await start();
      clock.setTimer(1, 60);
      clock.setTimer(2, 5);
      await rest.until('both fire', () => firedOf(inputs).length === 2);
      expect(firedOf(inputs)).toEqual([2, 1]);
    });

    it('does not fire a timer with no delay from inside the call', async () => {
      const { clock, inputs, ...rest } = await start();
      clock.setTimer(1, 0);
      expect(firedOf(inputs)).toEqual([]);
      await rest.until('timer 1 fires', () => firedOf(inputs).length === 1);
    });

    it('does not fire a cancelled timer', async () => {
      const { clock, inputs, ...rest } = await start();
      clock.setTimer(1, 5);
      clock.setTimer(2, 20);
      clock.cancelTimer(1);
      await rest.until('timer 2 fires', () => firedOf(inputs).length > 0);
      await rest.settle();
      expect(firedOf(inputs)).toEqual([2]);
    });

    it('takes the cancelling of a timer that is not there', async () => {
      const { clock, inputs, ...rest } = await start();
      clock.cancelTimer(99);
      await rest.settle();
      expect(inputs.all).toEqual([]);
    });

    it('never goes back, and knows the minute of the week', async () => {
      const { clock, inputs, ...rest } = await start();
      const beforeMs = clock.nowMs();
      clock.setTimer(1, 10);
      await rest.until('timer 1 fires', () => firedOf(inputs).length === 1);
      expect(clock.nowMs()).toBeGreaterThan(beforeMs);
      expect(clock.localMinuteOfWeek()).toBeGreaterThanOrEqual(0);
      expect(clock.localMinuteOfWeek()).toBeLessThan(7 * 24 * 60);
      expect(Number.isInteger(clock.localMinuteOfWeek())).toBe(true);
    });
  });
}
