import type { SimulationResult } from '../../../shared/contracts/simulation.ts';
import { reasonWords } from '../../components/words.ts';

/** Shares of all agents. */
export interface CurvePoint {
  readonly seconds: number;
  /** Ready by then, with the first policy and with the second. */
  readonly first: number;
  readonly second: number | null;
  /** Had been on by then: the same computers with either policy. */
  readonly on: number;
}

export interface GroupedRow {
  readonly id: string;
  readonly name: string;
  readonly first: number;
  readonly second: number | null;
}

export interface SiteRow extends GroupedRow {
  readonly agents: number;
  readonly firstCopies: number;
  readonly secondCopies: number | null;
}

/** Both curves at every time at which one of them has a point. */
export function curvePoints([first, second]: readonly SimulationResult[]): CurvePoint[] {
  if (first === undefined) return [];
  const curves = [first, ...(second === undefined ? [] : [second])].map(({ penetrationCurve }) => penetrationCurve);
  const times = [...new Set(curves.flatMap((curve) => curve.map(({ seconds }) => seconds)))].sort((a, b) => a - b);
  const places = curves.map(() => -1);
  return times.map((seconds) => {
    const [a, b] = curves.map((curve, which) => {
      let place = places[which] ?? -1;
      while ((curve[place + 1]?.seconds ?? Number.POSITIVE_INFINITY) <= seconds) place++;
      places[which] = place;
      return curve[place];
    });
    return {
      seconds,
      first: a?.share ?? 0,
      second: second === undefined ? null : (b?.share ?? 0),
      // Where one of the runs has ended, the other one goes on.
      on: Math.max(a?.onShare ?? 0, b?.onShare ?? 0),
    };
  });
}

/** Whether some computers were off at first: if not, there is nothing to tell apart. */
export function hasHours(points: readonly CurvePoint[]): boolean {
  return points.some(({ on }) => on < 1);
}

/** Where the longer of both curves ends; at least a second, so that there is an axis. */
export function curveEnd(points: readonly CurvePoint[]): number {
  return Math.max(1, points.at(-1)?.seconds ?? 0);
}

/** The site with the most bytes of either first. */
export function siteRows([first, second]: readonly SimulationResult[]): SiteRow[] {
  const others = new Map(second?.wanBytesBySite.map((row) => [row.name, row]));
  return (first?.wanBytesBySite ?? [])
    .map(({ name, agents, wanBytes, copies }) => ({
      ...{ id: name, name, agents, first: wanBytes, firstCopies: copies },
      second: second === undefined ? null : (others.get(name)?.wanBytes ?? 0),
      secondCopies: second === undefined ? null : (others.get(name)?.copies ?? 0),
    }))
    .sort((a, b) => Math.max(b.first, b.second ?? 0) - Math.max(a.first, a.second ?? 0));
}

/** The reason for the most bytes first. */
export function reasonRows([first, second]: readonly SimulationResult[]): GroupedRow[] {
  const bytesOf = (result: SimulationResult | undefined, reason: string) =>
    result?.whyDirect.find((row) => row.reason === reason)?.bytes ?? 0;
  const reasons = new Set([first, second].flatMap((result) => result?.whyDirect.map(({ reason }) => reason) ?? []));
  return [...reasons]
    .map((reason) => ({
      ...{ id: reason, name: reasonWords[reason], first: bytesOf(first, reason) },
      second: second === undefined ? null : bytesOf(second, reason),
    }))
    .sort((a, b) => Math.max(b.first, b.second ?? 0) - Math.max(a.first, a.second ?? 0));
}
