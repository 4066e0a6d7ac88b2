import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { deliverTo, importPackage } from '../../../electron/fleet/demo-setup.ts';
import { defaultAgentSettings } from '../../../shared/contracts/settings.ts';
import { defaultSimulationRequest } from '../../../shared/contracts/simulation.ts';
import { defaultServerOrganisation } from '../../../shared/contracts/simulations-api.ts';
import { type ConsoleServer, until } from './console-server.ts';

export interface WholeOrganisation {
  /** Addresses behind the `#`: at least one of each page, with what it shows filled in. */
  readonly addresses: readonly string[];
  readonly helpdesk: { readonly name: string; readonly password: string };
}

/** Something of everything: agents with a delivered package, a Package Server, a channel, policies, people, a site tree. */
export async function setUpWholeOrganisation(running: ConsoleServer): Promise<WholeOrganisation> {
  const { client, folder } = running;
  await running.startFleet({ agents: 4, subnets: 2 });
  const agents = await client.call('agents', {});
  const agentId = agents[0]?.agentId ?? '';
  const [site] = await client.call('sites', {});
  const file = path.join(folder, 'whole.bin');
  writeFileSync(file, randomBytes(5 * 1024 * 1024));
  const imported = await importPackage(client, {
    path: file,
    name: 'Office suite',
    version: '16.2',
    onProgress: () => undefined,
  });
  const { guid, version, key } = imported;
  await client.call('addPackageServer', { body: { agentId: agents.at(-1)?.agentId ?? agentId } });
  const channel = await client.call('createChannel', {
    body: {
      name: 'Monthly patches',
      description: 'What every site needs by Tuesday',
      items: [{ guid, version }],
      subscribers: { all: true },
    },
  });
  const policy = await client.call('createPolicy', {
    body: { name: 'Laptops', target: { kind: 'all' }, settings: { ...defaultAgentSettings, peerDownloading: true } },
  });
  const delivery = await deliverTo(client, imported, { kind: 'all' });
  await until('the package is everywhere', 60_000, async () => {
    const known = await client.call('packages', {});
    return known.some((entry) => entry.key === key && entry.ready === agents.length);
  });
  const rule = await client.call('createSiteSettings', {
    body: {
      name: 'Branches',
      target: { kind: 'sites', siteIds: site === undefined ? [] : [site.id], withChildren: true },
      settings: {
        sharedOutboundKilobytesPerSecond: 500,
        preventNotificationServer: true,
        preventForeignPackageServers: false,
      },
    },
  });
  const helpdesk = { name: 'kim', password: 'correct horse battery staple' };
  const account = await client.call('createAccount', { body: { ...helpdesk, role: 'helpdesk' } });
  const simulation = await simulate(client);
  const [change] = await client.call('audit', { query: {} });
  return {
    helpdesk,
    addresses: [
      '/about',
      '/about/licences',
      '/about/licences/zod%404.6.7',
      '/desktop',
      '/overview',
      '/settings/agent-package',
      '/settings/software-update-plug-in',
      `/settings/compare-policies?left=${policy.id}&show=all`,
      `/settings/targeted-agent-settings/${policy.id}`,
      '/settings/targeted-site-settings',
      `/settings/targeted-site-settings/${rule.id}`,
      '/agents',
      `/agents/${agentId}`,
      `/agents/${agentId}/settings`,
      '/packages',
      `/packages/${guid}/${version}`,
      '/deliveries',
      `/deliveries/${delivery.id}`,
      '/sites',
      `/sites/${site?.id}`,
      `/sites/${site?.id}/hours-in`,
      '/sites/topology',
      '/fleet',
      '/package-servers',
      `/package-servers/${agents.at(-1)?.agentId}`,
      '/channels',
      `/channels/${channel.id}`,
      '/reports/traffic',
      '/reports/savings',
      '/reports/wan-copies',
      '/reports/reasons',
      '/reports/first-downloaders',
      '/reports/penetration',
      '/simulation',
      `/simulation/${simulation}`,
      '/accounts',
      `/accounts/accounts/${account.id}`,
      '/accounts/tokens',
      '/accounts/sessions',
      '/audit',
      `/audit/${change?.id}`,
    ],
  };
}

/** Of two policies in what was set up; answers its id when it is done. */
async function simulate(client: ConsoleServer['client']): Promise<string> {
  const { settings: _settings, organisation: _organisation, ...usual } = defaultSimulationRequest;
  const variants = [true, false].map((peerDownloading) => ({
    name: peerDownloading ? 'Laptops' : 'Global',
    settings: { ...defaultAgentSettings, peerDownloading },
  }));
  const { id } = await client.call('startSimulation', {
    body: {
      ...usual,
      organisation: defaultServerOrganisation,
      packageMebibytes: 20,
      variants,
      maximumWallSeconds: null,
    },
  });
  await until('the simulation is done', 60_000, async () => {
    return (await client.call('simulation', { params: { id } })).state === 'done';
  });
  return id;
}
