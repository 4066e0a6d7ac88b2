import type { LinkShape } from '../lab/link-shape.ts';
import { goodputBytesPerSecond } from '../lab/link-shape.ts';

const MIB = 1024 * 1024;

/** One subnet behind one WAN link. */
export interface SwarmTopology {
  readonly name: string;
  readonly packageBytes: number;
  readonly agents: number;
  readonly wan: LinkShape;
  readonly lan: LinkShape;
}

export const swarmTopologies: readonly SwarmTopology[] = [
  { name: 'a', packageBytes: 256 * MIB, agents: 8, wan: { megabits: 40 }, lan: { megabits: 400 } },
  { name: 'b', packageBytes: 8 * MIB, agents: 20, wan: { megabits: 40 }, lan: { megabits: 400 } },
  { name: 'c', packageBytes: 256 * MIB, agents: 8, wan: { megabits: null }, lan: { megabits: 400 } },
];

/**
 * The minimum distribution time: the source sends everything once over the WAN, every agent receives everything once, and
 * all uploads together carry all copies. F/u, F/d and N·F/(u + Σu) in goodput.
 */
export function minimumSeconds({ packageBytes, agents, wan, lan }: SwarmTopology): number {
  const source = goodputBytesPerSecond(wan);
  const port = goodputBytesPerSecond(lan);
  return Math.max(packageBytes / source, packageBytes / port, (agents * packageBytes) / (source + agents * port));
}

/** What every contender is measured by. Missing = this contender has no such figure. */
export interface SwarmFigures {
  /** Of the package that was distributed. */
  readonly packageBytes: number;
  /** Until the last agent has everything. */
  readonly seconds: number;
  readonly tMinSeconds: number;
  readonly ratio: number;
  /** Content bytes that the source's sockets sent ÷ package size. */
  readonly wanCopiesBySocket?: number;
  /** Bytes through the WAN port into the subnet ÷ those of one plain download of as many bytes over the same link. */
  readonly wanCopiesByKernel: number;
  /** User and system seconds of source and agents together per GiB that agents received. */
  readonly cpuSecondsPerGiB: number;
  /** Highest of all agents. */
  readonly rssPeakMiB: number;
}

export function figuresOf(
  topology: SwarmTopology,
  measured: {
    readonly seconds: number;
    readonly wanBytesByKernel: number;
    readonly wireBytesPerContentByte: number;
    readonly cpuSeconds: number;
    readonly rssPeakMib: number;
    readonly wanBytesBySocket?: number;
  },
): SwarmFigures {
  const { packageBytes, agents } = topology;
  const tMinSeconds = minimumSeconds(topology);
  const onePlainDownload = packageBytes * measured.wireBytesPerContentByte;
  return {
    packageBytes,
    seconds: rounded(measured.seconds),
    tMinSeconds: rounded(tMinSeconds),
    ratio: rounded(measured.seconds / tMinSeconds),
    ...(measured.wanBytesBySocket === undefined
      ? {}
      : { wanCopiesBySocket: rounded(measured.wanBytesBySocket / packageBytes) }),
    wanCopiesByKernel: rounded(measured.wanBytesByKernel / onePlainDownload),
    cpuSecondsPerGiB: rounded(measured.cpuSeconds / ((agents * packageBytes) / (1024 * MIB))),
    rssPeakMiB: rounded(measured.rssPeakMib),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
