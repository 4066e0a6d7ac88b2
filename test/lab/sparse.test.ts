import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FanoutLab } from '../../build/lab/fanout-lab.ts';
import { makeLabFolder } from '../../build/lab/lab-folder.ts';
import { LabNetwork } from '../../build/lab/lab-network.ts';
import { namespaceProblem } from '../../build/lab/namespaces.ts';

/*
 * A package as large as they get must not need memory as large: two agents, one fetches for both. FANOUT_LAB_SPARSE_MB=10000
 * is the whole of it (`npm run soak -- sparse`); `npm test` delivers a share.
 */
const problem = namespaceProblem();
const packageBytes = Number(process.env.FANOUT_LAB_SPARSE_MB ?? 400) * 1_000_000;
const maximumRssMib = 150;
/** Slower than this nobody would wait for. */
const minimumBytesPerSecond = 8_000_000;

let folder = '';
let network: LabNetwork;
let lab: FanoutLab;

beforeAll(async () => {
  if (problem !== null) return;
  folder = makeLabFolder(3 * packageBytes);
  network = new LabNetwork([{ computers: 2 }]);
  lab = new FanoutLab({ network, folder });
  await lab.startServer();
  await lab.startAgents(1);
});
afterAll(async () => {
  if (problem !== null) return;
  await lab?.stop();
  network?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const withinMs = 60_000 + (packageBytes / minimumBytesPerSecond) * 1000;

it('delivers a very large package with little memory', { timeout: 2 * withinMs }, async (context) => {
  if (problem !== null) return context.skip(problem);
  const [subnet] = network.subnets;
  if (subnet === undefined) throw new Error('there is no subnet');
  const file = path.join(folder, 'sparse.bin');
  const handle = await open(file, 'w');
  // A hole with one byte behind it: no room on the disk, and content all the same.
  await handle.write(Buffer.from([1]), 0, 1, packageBytes - 1);
  await handle.close();
  const content = await lab.importFile(file, withinMs);
  const startedAtMs = performance.now();
  await lab.allReady(await lab.deliver(content), withinMs, 250);
  const seconds = (performance.now() - startedAtMs) / 1000;
  const peaks = lab.agents.map((agent) => agent.process.rssPeakMib());
  console.log(
    `${packageBytes / 1e6} MB to 2 agents in ${seconds.toFixed(1)} s, VmRSS at most ${peaks.join(' and ')} MiB`,
  );
  expect(Math.max(...peaks)).toBeLessThanOrEqual(maximumRssMib);
  expect(await lab.wanBytes(subnet, content)).toBe(packageBytes);
});
