import { expect, it } from 'vitest';
import { RequestLimits } from '../../electron/notification-server/people/request-limits.ts';
import { SignInLimits } from '../../electron/notification-server/people/sign-in-limits.ts';

const minuteMs = 60_000;

it('pauses for a name double with every failure after the first five, up to a quarter of an hour', () => {
  const limits = new SignInLimits();
  let nowMs = 0;
  const pausesMs: number[] = [];
  for (let attempt = 0; attempt < 16; attempt++) {
    const pauseMs = limits.begin('ada', `10.0.0.${attempt}`, nowMs);
    pausesMs.push(pauseMs);
    nowMs += pauseMs;
    if (pauseMs > 0) expect(limits.begin('ada', `10.0.0.${attempt}`, nowMs)).toBe(0);
  }
  expect(pausesMs.slice(0, 9)).toEqual([0, 0, 0, 0, 0, 2000, 4000, 8000, 16_000]);
  expect(pausesMs.at(-1)).toBe(15 * minuteMs);
});

it('what is refused during a pause makes the pause no longer', () => {
  const limits = new SignInLimits();
  for (let attempt = 0; attempt < 5; attempt++) limits.begin('ada', 'a', 0);
  const waits = [0, 500, 1999].map((nowMs) => limits.begin('ada', 'a', nowMs));
  expect(waits).toEqual([2000, 1500, 1]);
  expect(limits.begin('ada', 'a', 2000)).toBe(0);
});

it('counts attempts from their beginning, so that many at the same moment are no way around', () => {
  const limits = new SignInLimits();
  const begun = Array.from({ length: 50 }, () => limits.begin('ada', 'a', 0));
  expect(begun.filter((pauseMs) => pauseMs === 0)).toHaveLength(5);
});

it('a success frees the name, and gives the address back no more than the attempt', () => {
  const limits = new SignInLimits();
  for (let victim = 0; victim < 60; victim++) {
    if (limits.begin('own', 'a', 0) > 0) {
      expect(victim).toBe(41);
      return;
    }
    limits.succeeded('own', 'a');
    expect(limits.begin(`victim ${victim}`, 'a', 0)).toBe(0);
  }
  throw new Error('one address guessed at 60 names without a pause');
});

it('what was not tried is not counted', () => {
  const limits = new SignInLimits();
  for (let attempt = 0; attempt < 100; attempt++) {
    expect(limits.begin('ada', 'a', 0)).toBe(0);
    limits.takeBack('ada', 'a');
  }
  expect(limits.remembered).toBe(0);
});

it('is forgotten after a day, also where the clock goes back meanwhile', () => {
  const limits = new SignInLimits();
  for (let attempt = 0; attempt < 6; attempt++) limits.begin('ada', 'a', 10 * minuteMs);
  expect(limits.begin('ada', 'a', 0)).toBe(2000);
  expect(limits.begin('ada', 'a', 25 * 60 * minuteMs)).toBe(0);
  for (let attempt = 0; attempt < 4; attempt++) expect(limits.begin('ada', 'b', 25 * 60 * minuteMs)).toBe(0);
});

it('remembers a bounded number of names and addresses', () => {
  const limits = new SignInLimits();
  for (let attempt = 0; attempt < 30_000; attempt++) limits.begin(`name ${attempt}`, `address ${attempt}`, 0);
  expect(limits.remembered).toBe(20_000);
});

it('lets a caller ask a thousand times at once and 200 times a second, and others meanwhile', () => {
  const limits = new RequestLimits();
  const answered = (caller: string, count: number, nowMs: number): number =>
    Array.from({ length: count }, () => {
      try {
        limits.take(caller, nowMs);
        return true;
      } catch {
        return false; // counted below
      }
    }).filter((isAnswered) => isAnswered).length;
  expect(answered('wild', 5000, 0)).toBe(1000);
  expect(answered('calm', 100, 0)).toBe(100);
  expect(answered('wild', 5000, 1000)).toBe(200);
  expect(() => limits.take('wild', 1000)).toThrow(expect.objectContaining({ status: 429, retryAfterSeconds: 1 }));
});
