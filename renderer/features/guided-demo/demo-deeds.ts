import type { PackageKey } from '../../../shared/base/ids.ts';
import type { RouteAnswer } from '../../../shared/contracts/console-routes.ts';
import type { FleetStatus } from '../../../shared/contracts/fleet-api.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { notify } from '../../stores/notice-store.ts';
import { act } from '../fleet/fleet-deeds.ts';
import { demo } from './demo-memory.ts';
import { type DemoWorld, demoPackageName, epochOf, nextVersion, type Victim } from './demo-story.ts';

const importPollMs = 300;

type ImportJob = RouteAnswer<'imports'>[number];

/**
 * Imports the file as the next version of the demo package and delivers it to the subnets of the fleet. The versions before
 * are withdrawn, so that a demo that is given often does not fill the disk. Goes on when another page is opened.
 */
export async function deliverDemo(path: string, fleet: FleetStatus): Promise<void> {
  await whileBusy('The file is read and becomes a package.', async () => {
    const packages = await callConsole('packages', {});
    const versions = packages.filter(({ name }) => name === demoPackageName);
    const [known] = versions;
    const job = await callConsole('startImport', {
      body: {
        path,
        name: demoPackageName,
        version: nextVersion(versions.map(({ version }) => version)),
        ...(known === undefined ? {} : { guid: known.guid }),
      },
    });
    const { guid, version } = await untilImported(job);
    for (const before of versions) {
      const params = { guid: before.guid, version: before.version };
      if (!before.withdrawn) await callConsole('withdrawPackage', { params });
    }
    demo.setBusy('The delivery begins.');
    const target = { kind: 'subnets' as const, subnets: fleet.subnets.map(({ subnet }) => subnet) };
    await callConsole('createDelivery', { body: { guid, version, target, priority: 'normal' } });
  });
}

export async function killFirstDownloader(
  { agent, others, link }: Victim,
  key: PackageKey,
  world: DemoWorld,
  nowMs: number,
): Promise<void> {
  const { agentId, name } = agent;
  if (agentId === null) return;
  await act({ kind: 'kill' }, [agent]);
  demo.remember({
    killed: {
      agentId,
      name,
      others: [...others],
      subnet: link.subnet,
      subnetName: link.name,
      key,
      epoch: epochOf(world, key, link.subnet),
      copies: link.copies,
      atMs: nowMs,
    },
  });
}

/** The others of its subnet ask the first downloader for every block: what it damages is noticed at once. */
export async function corruptFirstDownloader({ agent, link }: Victim, key: PackageKey, nowMs: number): Promise<void> {
  const { agentId, name, subnet } = agent;
  if (agentId === null) return;
  await act({ kind: 'corrupt' }, [agent]);
  demo.remember({ corrupted: { agentId, name, subnet, subnetName: link.name, key, atMs: nowMs } });
}

async function untilImported(begun: ImportJob): Promise<NonNullable<ImportJob['package']>> {
  let job = begun;
  while (job.state === 'scanning' || job.state === 'hashing') {
    await new Promise((resolve) => setTimeout(resolve, importPollMs));
    const found = (await callConsole('imports', {})).find(({ id }) => id === begun.id);
    if (found === undefined) throw new Error('The server no longer knows the import of the demo package.');
    job = found;
  }
  if (job.state !== 'done' || job.package === null) {
    throw new Error(`The demo package could not be imported. ${job.message}`);
  }
  return job.package;
}

async function whileBusy(words: string, work: () => Promise<void>): Promise<void> {
  if (demo.store.getState().busy !== null) return;
  demo.setBusy(words);
  try {
    await work();
  } catch (error) {
    notify('error', messageOf(error));
  } finally {
    demo.setBusy(null);
  }
}
