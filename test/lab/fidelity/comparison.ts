import type { LabRun } from './lab-run.ts';
import type { FidelityFigures } from './scenarios.ts';

/** What the simulator says ÷ what the lab measured − 1, of every time; and the largest difference of WAN copies. */
export interface Comparison {
  readonly timeShares: Readonly<Record<string, number>>;
  readonly largestTimeShare: number;
  readonly largestCopiesDifference: number;
}

export function compare(lab: FidelityFigures, simulated: FidelityFigures): Comparison {
  const timesOf = ({ wholeSeconds, medianSeconds, lastSecondsBySubnet }: FidelityFigures): [string, number][] => [
    ['whole', wholeSeconds],
    ['median agent', medianSeconds],
    ...lastSecondsBySubnet.map((seconds, subnet): [string, number] => [`last of subnet ${subnet + 1}`, seconds]),
  ];
  const expected = new Map(timesOf(simulated));
  const shares = timesOf(lab).map(([what, seconds]): [string, number] => [
    what,
    (expected.get(what) ?? Number.NaN) / seconds - 1,
  ]);
  const copies = lab.wanCopiesBySubnet.map((count, subnet) =>
    Math.abs(count - (simulated.wanCopiesBySubnet[subnet] ?? Number.NaN)),
  );
  return {
    timeShares: Object.fromEntries(shares),
    largestTimeShare: Math.max(...shares.map(([, share]) => Math.abs(share))),
    largestCopiesDifference: Math.max(...copies),
  };
}

/** The middle one of several runs, figure by figure. */
export function medianOf(runs: readonly FidelityFigures[]): FidelityFigures {
  const each = (figure: (run: FidelityFigures) => number): number => {
    const values = runs.map(figure).sort((one, other) => one - other);
    return values[Math.floor(values.length / 2)] ?? Number.NaN;
  };
  const subnets = runs[0]?.lastSecondsBySubnet.map((_, subnet) => subnet) ?? [];
  return {
    wholeSeconds: each((run) => run.wholeSeconds),
    medianSeconds: each((run) => run.medianSeconds),
    lastSecondsBySubnet: subnets.map((subnet) => each((run) => run.lastSecondsBySubnet[subnet] ?? Number.NaN)),
    wanCopiesBySubnet: subnets.map((subnet) => each((run) => run.wanCopiesBySubnet[subnet] ?? Number.NaN)),
  };
}

/** A line of the table in docs/simulator.md, with what is needed to judge it. */
export function lineOf(name: string, lab: LabRun, simulated: FidelityFigures, comparison: Comparison): string {
  const seconds = (value: number) => `${value.toFixed(2)} s`;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const copies = ({ wanCopiesBySubnet }: FidelityFigures) => Math.max(...wanCopiesBySubnet).toFixed(3);
  const shares = Object.entries(comparison.timeShares).map(([what, share]) => `${what} ${percent(share)}`);
  return [
    `${name}: lab ${seconds(lab.wholeSeconds)}, simulator ${seconds(simulated.wholeSeconds)} (${shares.join(', ')})`,
    `WAN copies ${copies(lab)} and ${copies(simulated)}`,
    `agents took ${percent(lab.cpuShare)} of the cores, ${percent(lab.idleShare)} were idle, load before ${lab.loadBefore.toFixed(1)}`,
  ].join('; ');
}
