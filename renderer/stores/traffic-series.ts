import type { TrafficPoint } from '../../shared/contracts/console-api.ts';

/** Mean rates of one time step. */
export interface RatePoint {
  /** Start of the step. */
  readonly atMs: number;
  readonly directBytesPerSecond: number;
  readonly peerBytesPerSecond: number;
}

/**
 * Bytes per second in steps of `stepSeconds` over the last `windowSeconds`. Steps begin at whole multiples, so that a
 * point never changes once its time is over; a step that is not over yet is the mean of the seconds it has.
 */
export function rateSeries(
  traffic: readonly TrafficPoint[],
  endMs: number,
  windowSeconds: number,
  stepSeconds: number,
): RatePoint[] {
  const stepMs = stepSeconds * 1000;
  const series: RatePoint[] = [];
  let direct = 0;
  let peer = 0;
  let seconds = 0;
  let atMs = -1;
  const close = () => {
    if (seconds > 0) {
      series.push({ atMs, directBytesPerSecond: direct / seconds, peerBytesPerSecond: peer / seconds });
    }
  };
  for (const point of traffic) {
    if (point.atMs < endMs - windowSeconds * 1000) continue;
    const step = Math.floor(point.atMs / stepMs) * stepMs;
    if (step !== atMs) {
      close();
      [atMs, direct, peer, seconds] = [step, 0, 0, 0];
    }
    direct += point.directBytes;
    peer += point.peerBytes;
    seconds++;
  }
  close();
  return series;
}

/** A round number at or above `value` (1, 2 or 5 times a power of ten), for the end of an axis. */
export function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}
