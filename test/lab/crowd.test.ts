import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FanoutLab } from '../../build/lab/fanout-lab.ts';
import { makeLabFolder } from '../../build/lab/lab-folder.ts';
import { LabNetwork } from '../../build/lab/lab-network.ts';
import { namespaceProblem } from '../../build/lab/namespaces.ts';
import { writeRandomFile } from '../../build/lab/random-file.ts';

/*
 * A crowd in one broadcast domain: 5 computers with many addresses each, processes of 20 agents. The package is small, so that
 * everybody asks before anybody can have much of it. FANOUT_LAB_AGENTS=200 makes the crowd as large as a subnet gets.
 */
const problem = namespaceProblem();
const computers = 5;
const addressesPerComputer = Math.ceil(Number(process.env.FANOUT_LAB_AGENTS ?? 100) / computers);
const packageBytes = 4 * 1024 * 1024 + 1;
const settings = { announcementInterval: 30, unavailableTimeout: 90, attemptPeriod: 2, sourceBackoffScale: 0.01 };

let folder = '';
let network: LabNetwork;
let lab: FanoutLab;

beforeAll(async () => {
  if (problem !== null) return;
  folder = makeLabFolder(computers * addressesPerComputer * packageBytes);
  network = new LabNetwork([{ computers, addressesPerComputer, wan: { megabits: 40 } }]);
  lab = new FanoutLab({ network, folder, settings });
  await lab.startServer();
  await lab.startAgents(20);
});
afterAll(async () => {
  if (problem !== null) return;
  await lab?.stop();
  network?.remove();
  rmSync(folder, { recursive: true, force: true });
});

it('brings exactly one copy over the WAN to a crowd of agents that start in the same second', async (context) => {
  if (problem !== null) return context.skip(problem);
  const [subnet] = network.subnets;
  if (subnet === undefined) throw new Error('there is no subnet');
  const file = path.join(folder, 'package.bin');
  await writeRandomFile(file, packageBytes);
  const content = await lab.importFile(file);
  const delivery = await lab.deliver(content);
  expect(delivery.agents).toBe(computers * addressesPerComputer);
  await lab.allReady(delivery, 150_000, 250);
  expect(await lab.wanBytes(subnet, content)).toBe(packageBytes);
});
