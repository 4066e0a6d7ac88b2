import path from 'node:path';
import { vi } from 'vitest';
import { childProcessLauncher } from '../../../electron/fleet/child-process-launcher.ts';
import { ConsoleClient } from '../../../electron/fleet/console-client.ts';
import { setUpPolicyAndSites } from '../../../electron/fleet/demo-setup.ts';
import { EmbeddedFleet } from '../../../electron/fleet/embedded-fleet.ts';
import type { LoopbackPlanRequest } from '../../../electron/fleet/fleet-plan.ts';
import { loopbackPlan } from '../../../electron/fleet/fleet-plan.ts';
import { findFreePort } from '../../../electron/fleet/loopback-probe.ts';
import type { AgentSummary } from '../../../shared/contracts/console-api.ts';
import type { FleetAgentStatus, FleetPlan } from '../../../shared/contracts/fleet.ts';
import type { FleetAction, FleetActionOutcome, FleetStatus } from '../../../shared/contracts/fleet-api.ts';
import { openServerPlace } from '../../notification-server/support/server-place.ts';
import { LoopbackPlace } from './agents-on-loopback.ts';

const workerEntry = path.resolve(import.meta.dirname, '../../../dist/agent-worker/worker-main.mjs');
const settleWithinMs = 30_000;

/** A server with an embedded fleet in worker processes, whose agents download from peers. */
export class EmbeddedFleetPlace extends LoopbackPlace {
  readonly fleet = new EmbeddedFleet({ launcher: childProcessLauncher(), workerEntry });

  /** What a next start would begin with. */
  keptPlan: FleetPlan | null = null;

  static override async start(): Promise<EmbeddedFleetPlace> {
    const place = new EmbeddedFleetPlace(await openServerPlace({}));
    place.server.setFleet(place.fleet);
    place.onStop(() => place.fleet.stop());
    return place;
  }

  /** Resolves when every agent is online. */
  async startFleet(request: Omit<LoopbackPlanRequest, 'port'>): Promise<void> {
    const port = await findFreePort();
    if (port === null) throw new Error('no free port');
    const plan = loopbackPlan({ ...request, port });
    if (!plan.ok) throw new Error(plan.error);
    const { consoleUrl, apiToken } = this.server;
    await setUpPolicyAndSites(new ConsoleClient(consoleUrl, apiToken), plan.value, 'test fleet');
    this.startAgain(plan.value);
    for (const { name } of this.fleet.status().agents) await this.untilOnline(name, true);
  }

  /** With the identities that there are. */
  startAgain(plan: FleetPlan): void {
    this.keptPlan = plan;
    this.fleet.start(plan, {
      serverUrl: this.server.agentUrl,
      joinToken: this.joinToken,
      dataFolder: this.folder,
      keepPlan: async (changed) => {
        this.keptPlan = changed;
      },
    });
  }

  async act(name: string, action: FleetAction): Promise<FleetActionOutcome & { readonly fleet: FleetStatus }> {
    return this.server.call('actOnFleetAgent', { params: { name }, body: action });
  }

  status(name: string): FleetAgentStatus {
    const status = this.fleet.status().agents.find((agent) => agent.name === name);
    if (status === undefined) throw new Error(`no ${name}`);
    return status;
  }

  async summary(name: string): Promise<AgentSummary | undefined> {
    return (await this.server.call('agents', {})).find((agent) => agent.name === name);
  }

  async untilOnline(name: string, isOnline: boolean): Promise<void> {
    await this.until(`${name} is ${isOnline ? 'online' : 'offline'}`, async () => {
      return ((await this.summary(name))?.online ?? false) === isOnline;
    });
  }

  async until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    await vi.waitFor(
      async () => {
        if (!(await condition())) throw new Error(`not yet: ${what}`);
      },
      { timeout: settleWithinMs, interval: 50 },
    );
  }
}
