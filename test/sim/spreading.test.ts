import { expect, it } from 'vitest';
import { simulate } from '../../shared/sim/simulate.ts';
import { forSeeds } from '../helpers/seeds.ts';

const mebibyte = 1024 * 1024;

it('hands a new block to few peers at full speed first, so that 24 agents are no slower than their WAN link', () => {
  forSeeds(2, (seed) => {
    const totalSizeBytes = 64 * mebibyte;
    const wanBytesPerSecond = 4_782_000;
    const lanBytesPerSecond = 10 * wanBytesPerSecond;
    const report = simulate({
      seed,
      plan: {
        subnets: [
          {
            agents: 24,
            wanBytesPerSecond,
            uploadBytesPerSecond: lanBytesPerSecond,
            downloadBytesPerSecond: lanBytesPerSecond,
          },
        ],
        packages: [{ totalSizeBytes }],
      },
      untilMs: 600_000,
    });
    expect(report.ready).toBe(24);
    expect(report.wanCopiesBySubnet).toEqual([1]);
    // Serving all 23 followers at once took 1.85 × the time of the link, in virtual seconds.
    const lastReadyMs = Math.max(...report.perAgent.map((agent) => agent.readyAtMs ?? Number.POSITIVE_INFINITY));
    expect(lastReadyMs / 1000).toBeLessThan((1.4 * totalSizeBytes) / wanBytesPerSecond);
  });
});
