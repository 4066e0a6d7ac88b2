import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FleetPlan } from '../../shared/contracts/fleet.ts';
import type { ConsoleClient } from './console-client.ts';
import type { DemoPackage } from './demo-setup.ts';
import { deliverTo, importPackage, pause, planTarget, setUpPolicyAndSites } from './demo-setup.ts';
import type { EmbeddedFleet } from './embedded-fleet.ts';
import { loopbackPlan, parseFleetPlan, singleAddressPlan } from './fleet-plan.ts';
import { findFreePort, hasWholeLoopback, takenSockets } from './loopback-probe.ts';

export const demoPolicyName = 'Demo fleet';
const demoPackageName = 'Demo package';
/** 20 Mbit/s into each site: a package of 120 MB takes the better part of a minute, so that a person can watch it. */
const demoWanKilobitsPerSecond = 20_000;
const demoSubnets = 3;
const demoAgents = 12;
/** So that a process can be killed and others of its subnet go on; one each would take three times the memory. */
const demoAgentsPerWorker = 2;
/** Agents enrol within a second or two; one that cannot must not keep the others from their package. */
const agentsRunningWithinMs = 20_000;

export interface DemoFleetOptions {
  readonly console: ConsoleClient;
  /** Not started yet; stays with the caller, who stops it. */
  readonly fleet: EmbeddedFleet;
  /** Folder of the fleet: its plan and one folder per agent. Kept from one start to the next. */
  readonly fleetFolder: string;
  /** What is delivered first; the executable of this process by default, which is a real file of 100 MB or more. */
  readonly packagePath?: string;
  /** Sentences for people. */
  readonly onProgress: (sentence: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Starts the demo fleet (3 subnets × 4 agents on loopback) and, the first time, delivers a real package to it. Resolves when
 * the delivery is on its way; the console shows the rest. A fleet that ran before takes up its agents' identities again.
 */
export async function startDemoFleet(options: DemoFleetOptions): Promise<FleetPlan> {
  const { console, fleet, fleetFolder, onProgress, signal } = options;
  const planPath = path.join(fleetFolder, 'plan.json');
  const plan = await demoPlan(planPath, onProgress);
  await setUpPolicyAndSites(console, plan, demoPolicyName);
  const { joinToken, serverUrl } = await console.call('joinToken', {});
  fleet.start(plan, {
    serverUrl,
    joinToken,
    dataFolder: path.join(fleetFolder, 'agents'),
    keepPlan: async (changed) => {
      await keepPlan(planPath, changed);
    },
  });
  const agents = plan.subnets.reduce((sum, subnet) => sum + subnet.agents.length, 0);
  onProgress(`The demo fleet starts: ${agents} agents in ${plan.subnets.length} subnets.`);

  if ((await console.call('deliveries', {})).length > 0) {
    onProgress('The agents of the demo fleet go on with the packages that they had.');
    return plan;
  }
  const [demoPackage] = await Promise.all([demoPackageOf(options), allRunning(fleet, agents, signal)]);
  await deliverTo(console, demoPackage, planTarget(plan));
  onProgress(`${demoPackageName} is being delivered to all of them; the console shows how.`);
  return plan;
}

export function packagePathOf({ packagePath }: Pick<DemoFleetOptions, 'packagePath'>): string {
  return packagePath ?? process.execPath;
}

/** The package of an earlier start that ended before its delivery, or a new one. */
async function demoPackageOf(options: DemoFleetOptions): Promise<DemoPackage> {
  const packages = await options.console.call('packages', {});
  const imported = packages.find((candidate) => candidate.name === demoPackageName && !candidate.withdrawn);
  if (imported !== undefined) return imported;
  const packagePath = packagePathOf(options);
  options.onProgress(`${packagePath} is imported as "${demoPackageName}".`);
  return importPackage(options.console, {
    path: packagePath,
    name: demoPackageName,
    version: '1.0',
    onProgress: () => undefined,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

/** The plan of the last start, or a new one; on another port where somebody else has the old one. */
async function demoPlan(planPath: string, onProgress: (sentence: string) => void): Promise<FleetPlan> {
  const stored = await readPlan(planPath, onProgress);
  if (stored !== null && (await takenSockets(stored)).length === 0) return stored;
  const plan = await newPlan(undefined);
  const taken = await takenSockets(plan);
  if (taken.length === 0) return keepPlan(planPath, plan);
  const port = await findFreePort();
  if (port === null) throw new Error(`The demo fleet finds no free port: ${taken[0]} is taken, and so were 50 others.`);
  onProgress(`${taken[0]} is taken, so the demo fleet uses port ${port}.`);
  return keepPlan(planPath, await newPlan(port));
}

async function newPlan(port: number | undefined): Promise<FleetPlan> {
  const request = {
    agents: demoAgents,
    agentsPerWorker: demoAgentsPerWorker,
    wanKilobitsPerSecond: demoWanKilobitsPerSecond,
    ...(port === undefined ? {} : { port }),
  };
  const plan = (await hasWholeLoopback())
    ? loopbackPlan({ ...request, subnets: demoSubnets })
    : singleAddressPlan({ ...request, subnets: 1 });
  if (!plan.ok) throw new Error(plan.error);
  return plan.value;
}

async function readPlan(planPath: string, onProgress: (sentence: string) => void): Promise<FleetPlan | null> {
  let text: string;
  try {
    text = await readFile(planPath, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const plan = parseFleetPlan(parseJson(text));
  if (plan.ok) return plan.value;
  onProgress(`${planPath} cannot be used any more and is replaced. ${plan.error}`);
  return null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // not a plan: said by its check
  }
}

async function keepPlan(planPath: string, plan: FleetPlan): Promise<FleetPlan> {
  await mkdir(path.dirname(planPath), { recursive: true });
  await writeFile(`${planPath}.new`, JSON.stringify(plan, null, 2));
  await rename(`${planPath}.new`, planPath);
  return plan;
}

async function allRunning(fleet: EmbeddedFleet, agents: number, signal: AbortSignal | undefined): Promise<void> {
  const deadlineMs = performance.now() + agentsRunningWithinMs;
  const running = () => fleet.status().agents.filter((agent) => agent.state === 'running').length;
  while (running() < agents && performance.now() < deadlineMs) await pause(100, signal);
}
