/** A real Notification Server with the built console, and a real fleet beside it, for tests that drive a page. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { openDatabaseAccess } from '../../../electron/database/database-access.ts';
import { childProcessLauncher } from '../../../electron/fleet/child-process-launcher.ts';
import { ConsoleClient } from '../../../electron/fleet/console-client.ts';
import { DemoFleetControl } from '../../../electron/fleet/demo-fleet-control.ts';
import { setUpPolicyAndSites } from '../../../electron/fleet/demo-setup.ts';
import { EmbeddedFleet } from '../../../electron/fleet/embedded-fleet.ts';
import { loopbackPlan } from '../../../electron/fleet/fleet-plan.ts';
import { findFreePort } from '../../../electron/fleet/loopback-probe.ts';
import type { RunningNotificationServer } from '../../../electron/notification-server/notification-server.ts';
import { startNotificationServer } from '../../../electron/notification-server/notification-server.ts';
import { registerAgents } from '../../support/registered-agents.ts';

const root = path.resolve(import.meta.dirname, '../../..');
/** Apart from the 127.x of other tests, of the file that runs beside this one, and of a demo that runs meanwhile. */
const secondOctet = 90 + (Number(process.env.VITEST_POOL_ID ?? 0) % 8);

export interface ConsoleServer {
  readonly server: RunningNotificationServer;
  /** The same interface as the console's, for what a colleague would do meanwhile. */
  readonly client: ConsoleClient;
  /** Made for this test and removed by `stop`: for files to import. */
  readonly folder: string;
  /** Starts agents on loopback and waits until all are online; with their own policy and one site per subnet. */
  startFleet(request: {
    agents: number;
    subnets: number;
    wanKilobitsPerSecond?: number;
    agentsPerWorker?: number;
  }): Promise<readonly string[]>;
  /** From now on the console can start a demo fleet, which delivers this file. */
  addDemoFleet(packagePath: string): void;
  stop(): Promise<void>;
}

export interface ConsoleServerOptions {
  /** So many that are in its database, and never come online. */
  readonly registeredAgents?: number;
}

export async function startConsoleServer({ registeredAgents = 0 }: ConsoleServerOptions = {}): Promise<ConsoleServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'fanout-e2e-'));
  const dataFolder = path.join(folder, 'server');
  if (registeredAgents > 0) await writeAgents(dataFolder, registeredAgents);
  const server = await startNotificationServer({
    dataFolder,
    agentListen: { address: '127.0.0.1', port: 0 },
    consoleListen: { address: '127.0.0.1', port: 0 },
    hashWorkerPath: path.join(root, 'dist/hash-worker/hash-worker.mjs'),
    simWorkerPath: path.join(root, 'dist/sim-worker/sim-worker.mjs'),
    rendererFolder: path.join(root, 'dist/renderer'),
    productVersion: '0.0.0-test',
    logger: pino({ level: 'silent' }),
  });
  const client = new ConsoleClient(server.consoleUrl, server.apiToken);
  let fleet: EmbeddedFleet | null = null;
  let demoFleet: DemoFleetControl | null = null;
  return {
    server,
    client,
    folder,
    async startFleet({ wanKilobitsPerSecond = 0, ...request }) {
      const { agents } = request;
      const port = await findFreePort();
      if (port === null) throw new Error('no free port for the fleet');
      const plan = loopbackPlan({ ...request, port, wanKilobitsPerSecond, secondOctet });
      if (!plan.ok) throw new Error(plan.error);
      await setUpPolicyAndSites(client, plan.value, 'Test fleet');
      fleet = new EmbeddedFleet({
        launcher: childProcessLauncher(),
        workerEntry: path.join(root, 'dist/agent-worker/worker-main.mjs'),
      });
      server.setFleet(fleet);
      fleet.start(plan.value, {
        serverUrl: server.agentUrl,
        joinToken: await server.makeJoinToken(),
        dataFolder: path.join(folder, 'agents'),
      });
      await until(`${agents} agents are online`, 30_000, async () => {
        const known = await client.call('agents', {});
        return known.filter((agent) => agent.online).length === agents;
      });
      return plan.value.subnets.flatMap((subnet) => subnet.agents.map((agent) => agent.name));
    },
    addDemoFleet(packagePath) {
      const embedded = new EmbeddedFleet({
        launcher: childProcessLauncher(),
        workerEntry: path.join(root, 'dist/agent-worker/worker-main.mjs'),
      });
      const fleetFolder = path.join(folder, 'demo-fleet');
      const onProgress = () => undefined;
      demoFleet = new DemoFleetControl({ console: client, fleet: embedded, fleetFolder, packagePath, onProgress });
      server.setFleet(embedded, demoFleet);
    },
    async stop() {
      await demoFleet?.stop();
      await fleet?.stop();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function writeAgents(dataFolder: string, count: number): Promise<void> {
  mkdirSync(dataFolder);
  const access = await openDatabaseAccess({ file: path.join(dataFolder, 'fanout.db') });
  await registerAgents(access.writer, count);
  await access.close();
}

/** Asks again until the condition holds; fails with its name at the deadline. */
export async function until(what: string, withinMs: number, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
