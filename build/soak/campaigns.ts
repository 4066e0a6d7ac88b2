/** A campaign is tests of the suite with the size that `npm test` has no time for. */
export interface Campaign {
  readonly what: string;
  /** The vitest project and its files. */
  readonly project: string;
  readonly files: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export const campaigns: Readonly<Record<string, Campaign>> = {
  sparse: {
    what: 'one package of 10 GB, mostly hole, with little memory (root on Linux)',
    project: 'lab',
    files: ['test/lab/sparse.test.ts'],
    environment: { FANOUT_LAB_SPARSE_MB: '10000' },
  },
  swarm: {
    what: 'one copy of 256 MiB to 3 × 8 agents: at once, killed, cut off, parted (root on Linux)',
    project: 'lab',
    files: ['test/lab/swarm.test.ts', 'test/lab/broken-links.test.ts'],
    environment: { FANOUT_LAB_MIB: '256' },
  },
  fidelity: {
    what: 'the same deliveries in the lab and in the simulator, compared (root on Linux)',
    project: 'lab-alone',
    files: ['test/lab/fidelity.test.ts'],
    environment: { FANOUT_LAB_FIDELITY: 'all' },
  },
  crowd: {
    what: 'one copy to 200 agents that start in the same second (root on Linux)',
    project: 'lab',
    files: ['test/lab/crowd.test.ts'],
    environment: { FANOUT_LAB_AGENTS: '200' },
  },
};
