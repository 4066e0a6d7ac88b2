import { bytesPerSecondOfKilobytes } from '../base/units.ts';
import type { DailySpan } from '../base/week-time.ts';
import { isCovered, minuteSpansOf, minutesPerWeek } from '../base/week-time.ts';
import type { AgentLife } from './agent-life.ts';
import type { BlockSending } from './block-sending.ts';
import type { Computer } from './computer.ts';
import type { World } from './world.ts';

/** A period that began so long ago has to be obeyed: within it byebye and RELEASE are said, and requests end. */
const graceMs = 100;
const clockGraceMs = 60_000 + graceMs;

/** No block moves to a computer that may not download now, nor to or from one that may not communicate. */
export function checkBlockouts(world: World): void {
  for (const sending of world.sendings) {
    const { from, to } = sending.facts;
    if (sending.rateBytesPerSecond === 0) continue;
    checkQuiet(world, to, isEmergency(sending) ? ['total'] : ['downloads', 'total'], 'it takes a block');
    if (from !== null) checkQuiet(world, from, ['total'], 'it gives a block');
  }
}

/** Nothing leaves an agent in a total blockout. */
export function checkSpoken(life: AgentLife, what: string): void {
  checkQuiet(life.world, life.computer, ['total'], what);
  // A real adapter drops it, and nobody is told.
  life.world.violations.check(!life.isSilent, 'blockout', life.computer.name, () => `${what}, although it is silenced`);
}

/** The policy's throttling periods, over all that comes from servers. Emergencies are not counted. */
export function checkThrottle(world: World): void {
  const rates = new Map<Computer, number>();
  for (const sending of world.sendings) {
    const { from, to, isContent = false } = sending.facts;
    if ((from !== null && !isContent) || isEmergency(sending)) continue;
    rates.set(to, (rates.get(to) ?? 0) + sending.rateBytesPerSecond);
  }
  for (const [computer, rate] of rates) {
    const limit = Math.max(throttleOf(computer, 0), throttleOf(computer, graceMs));
    // Sums of floating-point shares may differ from the limit by so much.
    const isKept = rate <= limit * 1.000001;
    world.violations.check(
      isKept,
      'rate-limit',
      computer.name,
      () => `throttling: ${rate} of ${limit} bytes per second`,
    );
  }
}

function isEmergency({ facts: { to, key } }: BlockSending): boolean {
  const deliveries = to.life?.configuration?.deliveries ?? [];
  return deliveries.some((delivery) => delivery.key === key && delivery.priority === 'emergency');
}

function checkQuiet(world: World, computer: Computer, kinds: readonly string[], what: string): void {
  const settings = settledSettingsOf(computer);
  if (settings === null || settings.blockouts.length === 0) return;
  const mayAlwaysSpeak = computer.life?.configuration?.deliveries.some(
    ({ plan }) => plan?.ignoresTotalBlockouts === true,
  );
  const periods = settings.blockouts.filter(
    ({ kind }) => kinds.includes(kind) && !(kind === 'total' && mayAlwaysSpeak === true),
  );
  const isForbidden = isIn(computer, periods, 0) && isIn(computer, periods, graceMs);
  world.violations.check(!isForbidden, 'blockout', computer.name, () => what);
}

function throttleOf(computer: Computer, agoMs: number): number {
  const periods = settledSettingsOf(computer)?.throttlingPeriods ?? [];
  const holding = periods.filter((period) => isIn(computer, [period], agoMs));
  return Math.min(...holding.map(({ kilobytesPerSecond }) => bytesPerSecondOfKilobytes(kilobytesPerSecond)));
}

/** Null in the moment after a change, and in the minute after a clock that goes differently: no agent computes ahead for longer. */
function settledSettingsOf({ life, clockChangedAtMs }: Computer) {
  if (life === null || life.configuration === null) return null;
  if (life.world.time.nowMs - clockChangedAtMs < clockGraceMs) return null;
  return life.world.time.nowMs - life.configuredAtMs < graceMs ? null : life.configuration.settings;
}

function isIn(computer: Computer, periods: readonly DailySpan[], agoMs: number): boolean {
  const { life, subnet } = computer;
  if (life === null || life.configuration === null || periods.length === 0) return false;
  const offset = life.configuration.settings.periodClock === 'utc' ? 0 : subnet.utcOffsetMinutes;
  const minute = Math.floor((life.world.time.nowMs - agoMs) / 60_000) + offset + minutesPerWeek;
  return isCovered(periods.flatMap(minuteSpansOf), minute % minutesPerWeek);
}
