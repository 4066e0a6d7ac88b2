import type { ImportJob, PolicyDraft } from '../../shared/contracts/console-api.ts';
import type { Delivery } from '../../shared/contracts/deliveries-api.ts';
import type { FleetPlan } from '../../shared/contracts/fleet.ts';
import type { AgentSettings } from '../../shared/contracts/settings.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import type { Target } from '../../shared/contracts/targets.ts';
import type { ConsoleClient } from './console-client.ts';

/** Between two looks at a running import. */
const importPollMs = 100;

export interface DemoPackage {
  readonly guid: NonNullable<ImportJob['package']>['guid'];
  readonly version: NonNullable<ImportJob['package']>['version'];
  readonly key: NonNullable<ImportJob['package']>['key'];
}

/**
 * Short intervals, so that a person sees each effect at once, and no free space to keep: a laptop whose disk is nearly full
 * must not hold up a demo. Everything else as on a new server.
 */
export function demoSettings(plan: FleetPlan): AgentSettings {
  return {
    ...defaultAgentSettings,
    peerDownloading: true,
    port: plan.subnets[0]?.agents[0]?.hearingPort ?? defaultAgentSettings.port,
    announcementInterval: 5,
    unavailableTimeout: 15,
    eventInterval: 5,
    attemptPeriod: 2,
    sourceBackoffScale: 0.01,
    minFreeDisk: 0,
  };
}

export function planTarget(plan: FleetPlan): Target {
  return { kind: 'subnets', subnets: plan.subnets.map((subnet) => subnet.subnet) };
}

/** The fleet's own policy (Global stays off) and one site with its WAN link per subnet; what is there already is left as it is. */
export async function setUpPolicyAndSites(console: ConsoleClient, plan: FleetPlan, policyName: string): Promise<void> {
  const policies = await console.call('policies', {});
  if (!policies.some((policy) => policy.name === policyName)) {
    const draft: PolicyDraft = { name: policyName, target: planTarget(plan), settings: demoSettings(plan) };
    await console.call('createPolicy', { body: draft });
  }
  const sites = await console.call('sites', {});
  for (const { name, subnet, wanKilobitsPerSecond } of plan.subnets) {
    if (sites.some((site) => site.subnets.includes(subnet))) continue;
    const siteName = sites.some((site) => site.name === name) ? `${name} (${subnet})` : name;
    await console.call('createSite', { body: { name: siteName, subnets: [subnet], wanKilobitsPerSecond } });
  }
}

export interface ImportProgress {
  /** `sending`: on its way to the server's computer. */
  readonly state: ImportJob['state'] | 'sending';
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface ImportOptions {
  readonly path: string;
  readonly name?: string;
  readonly version?: string;
  readonly onProgress: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
}

/** Imports a file or folder of the server's computer and waits until it is a package. Throws with the server's reason. */
export async function importPackage(console: ConsoleClient, options: ImportOptions): Promise<DemoPackage> {
  const { path, name, version } = options;
  const begun = await console.call('startImport', {
    body: { path, ...(name === undefined ? {} : { name }), ...(version === undefined ? {} : { version }) },
  });
  return untilImported(console, begun, options);
}

/** Waits until an import that was begun is a package. Throws with the server's reason. */
export async function untilImported(
  console: ConsoleClient,
  begun: ImportJob,
  { path, onProgress, signal }: Pick<ImportOptions, 'path' | 'onProgress' | 'signal'>,
): Promise<DemoPackage> {
  let job = begun;
  try {
    while (job.state === 'scanning' || job.state === 'hashing') {
      onProgress(job);
      await pause(importPollMs, signal);
      const id = job.id;
      const found = (await console.call('imports', {})).find((candidate) => candidate.id === id);
      if (found === undefined) throw new Error(`The server no longer knows the import of ${path}.`);
      job = found;
    }
  } catch (error) {
    if (signal?.aborted) await console.call('cancelImport', { params: { id: job.id } });
    throw error;
  }
  onProgress(job);
  if (job.state !== 'done' || job.package === null) {
    throw new Error(`${path} could not be imported: ${job.state === 'cancelled' ? 'it was cancelled.' : job.message}`);
  }
  return job.package;
}

export async function deliverTo(console: ConsoleClient, demoPackage: DemoPackage, target: Target): Promise<Delivery> {
  const { guid, version } = demoPackage;
  return console.call('createDelivery', { body: { guid, version, target, priority: 'normal' } });
}

/** Waits; rejects at once when the signal fires. */
export function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason ?? new Error('Interrupted.'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}
