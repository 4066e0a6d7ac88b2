import path from 'node:path';
import type { ConsoleCall } from '../../../shared/contracts/console-request.ts';
import type { ConsoleRouteName } from '../../../shared/contracts/console-routes.ts';
import { plainDeliverySpec } from '../../../shared/contracts/deliveries-api.ts';
import { defaultServerOrganisation } from '../../../shared/contracts/simulations-api.ts';
import type { SeededServer } from './seeded-server.ts';
import { fleetAgentName, packageFile } from './seeded-server.ts';

export interface MoreOfCall {
  /** Instead of the administrator's token. */
  readonly headers?: Record<string, string>;
  /** The body of a route that takes a file. */
  readonly file?: Buffer;
}

type ExampleCall<Name extends ConsoleRouteName> = ConsoleCall<Name> & MoreOfCall;
type Examples = {
  readonly [Name in ConsoleRouteName]?: (
    seeds: SeededServer,
  ) => readonly ExampleCall<Name>[] | Promise<readonly ExampleCall<Name>[]>;
};

const asTable = [{ query: { format: 'csv' as const } }];

/**
 * For each route calls that succeed, with every field that it has, and each variant of those that have some. A new route
 * needs a line here: the tests of the OpenAPI document and of hostile input are made from it.
 */
export const consoleExamples: Examples = {
  signIn: (seeds) => [{ body: { token: seeds.signInToken() }, headers: {} }],
  signInWithPassword: async (seeds) => {
    const { name } = await seeds.makeAccount();
    return [{ body: { name, password: seeds.password }, headers: {} }];
  },
  session: () => [{}],
  signOut: async (seeds) => [{ headers: await seeds.localBrowser() }],
  signOutEverywhere: async (seeds) => [{ headers: await seeds.localBrowser() }],
  changeOwnPassword: async (seeds) => {
    const { name } = await seeds.makeAccount();
    const body = { currentPassword: seeds.password, newPassword: `${seeds.password} and more` };
    return [{ body, headers: await seeds.browserOf(name) }];
  },
  signInLink: () => [{}],
  accounts: () => [{}],
  createAccount: (seeds) => [{ body: { name: seeds.unique('person'), role: 'helpdesk', password: seeds.password } }],
  updateAccount: async (seeds) => {
    const { id } = await seeds.makeAccount();
    return [{ params: { id }, body: { role: 'administrator', disabled: true, password: `${seeds.password} anew` } }];
  },
  removeAccount: async (seeds) => [{ params: { id: (await seeds.makeAccount()).id } }],
  endSessionsOfAccount: async (seeds) => [{ params: { id: (await seeds.makeAccount()).id } }],
  apiTokens: () => [{}],
  createApiToken: (seeds) => [{ body: { name: seeds.unique('token'), scope: 'read', expiresInDays: 1 } }],
  revokeApiToken: async (seeds) => [{ params: { id: (await seeds.token('read')).id } }],
  sessions: async (seeds) => {
    await seeds.localBrowser();
    return [{}];
  },
  endSession: async (seeds) => {
    await seeds.localBrowser();
    const sessions = await seeds.server.call('sessions', {});
    return [{ params: { id: sessions[0]?.id ?? '' } }];
  },
  overview: () => [{}],
  agents: () => [{}],
  agent: (seeds) => [{ params: { agentId: seeds.agent.agentId } }],
  reportNow: (seeds) => [{ params: { agentId: seeds.agent.agentId } }],
  retryNow: (seeds) => [{ params: { agentId: seeds.agent.agentId } }],
  revokeAgent: async (seeds) => [{ params: { agentId: (await seeds.place.enrol()).agentId } }],
  groupKeys: () => [{}],
  rotateGroupKeys: () => [{}],
  alerts: () => [{}],
  policies: () => [{}],
  createPolicy: (seeds) => [{ body: seeds.policyDraft() }],
  updatePolicy: async (seeds) => {
    const { id, version } = await seeds.makePolicy();
    return [{ params: { id }, body: { ...seeds.policyDraft(), version } }];
  },
  deletePolicy: async (seeds) => [{ params: { id: (await seeds.makePolicy()).id } }],
  orderPolicies: async (seeds) => {
    const policies = await seeds.server.call('policies', {});
    return [{ body: { ids: policies.filter(({ isGlobal }) => !isGlobal).map(({ id }) => id) } }];
  },
  health: () => [{ headers: {} }],
  serverStatus: () => [{}],
  startBackup: async (seeds) => {
    await seeds.noRunningBackup();
    return [{ body: { folder: path.join(seeds.place.folder, seeds.unique('backup')), packages: false } }];
  },
  backup: async (seeds) => {
    await seeds.noRunningBackup();
    const body = { folder: path.join(seeds.place.folder, seeds.unique('backup')), packages: false };
    await seeds.server.call('startBackup', { body });
    return [{}];
  },
  previewTarget: ({ target }) => [{ body: { target, policyId: null } }],
  tags: () => [{}],
  changeTags: ({ target }) => [{ body: { target, add: ['lab'], remove: ['old'] } }],
  setAgentTags: (seeds) => [{ params: { agentId: seeds.agent.agentId }, body: { tags: ['lab', 'floor-3'] } }],
  exportPolicies: async (seeds) => [{ query: { ids: (await seeds.makePolicy()).id } }, {}],
  importPolicies: async (seeds) => {
    const { id } = await seeds.makePolicy();
    return [{ body: { file: await seeds.server.call('exportPolicies', { query: { ids: id } }), dryRun: true } }];
  },
  effectiveSettings: (seeds) => [{ params: { agentId: seeds.agent.agentId } }],
  plugInPolicy: () => [{}],
  updatePlugInPolicy: () => [
    { body: { install: 'at-time', timeOfDay: '18:00' } },
    { body: { install: 'as-soon-as-possible' } },
  ],
  siteSettings: () => [{}],
  createSiteSettings: (seeds) => [{ body: seeds.siteSettingsDraft() }],
  updateSiteSettings: async (seeds) => {
    const { id, version } = await seeds.makeSiteSettings();
    return [{ params: { id }, body: { ...seeds.siteSettingsDraft(), version } }];
  },
  deleteSiteSettings: async (seeds) => [{ params: { id: (await seeds.makeSiteSettings()).id } }],
  orderSiteSettings: async (seeds) => {
    const rules = await seeds.server.call('siteSettings', {});
    return [{ body: { ids: rules.map(({ id }) => id) } }];
  },
  sites: () => [{}],
  site: (seeds) => [{ params: { id: seeds.siteId } }],
  createSite: (seeds) => [{ body: seeds.siteDraft() }],
  updateSite: async (seeds) => {
    const { id, version } = await seeds.makeSite();
    return [{ params: { id }, body: { ...seeds.siteDraft(), version } }];
  },
  deleteSite: async (seeds) => [{ params: { id: (await seeds.makeSite()).id }, query: { moveChildrenTo: 'top' } }],
  exportSites: () => [{}],
  importSites: (seeds) => [{ body: { csv: `name\n${seeds.unique('site')}\n`, dryRun: true } }],
  siteTree: () => [{}],
  siteLinks: () => [{}],
  unassignedSubnets: () => [{}],
  packageServers: () => [{}],
  packageServer: (seeds) => [{ params: { agentId: seeds.packageServer.agentId } }],
  addPackageServer: async (seeds) => {
    const { agentId } = await seeds.place.enrol();
    const settings = { enabled: true, constrained: true, maxUpload: 1, maxCache: 50, freshFor: 1 };
    return [{ body: { agentId, siteId: seeds.siteId, ...settings } }];
  },
  updatePackageServer: async (seeds) => {
    const params = { agentId: seeds.packageServer.agentId };
    const { version } = await seeds.server.call('packageServer', { params });
    const settings = { enabled: true, constrained: true, maxUpload: 1, maxCache: 50, freshFor: 1 };
    return [{ params, body: { version, siteId: null, ...settings } }];
  },
  removePackageServer: async (seeds) => {
    const { agentId } = await seeds.place.enrol();
    await seeds.server.call('addPackageServer', { body: { agentId } });
    return [{ params: { agentId } }];
  },
  packageHolders: ({ subject }) => [{ params: subject }],
  packageAssignment: ({ subject }) => [{ params: subject }],
  assignPackage: ({ subject: params, siteId, packageServer }) => [
    { params, body: { mode: 'sites', siteIds: [siteId] } },
    { params, body: { mode: 'listed', agentIds: [packageServer.agentId] } },
    { params, body: { mode: 'all' } },
    { params, body: { mode: 'on-demand' } },
  ],
  contentAccess: () => [{}],
  updateContentAccess: () => [{ body: { access: 'links' } }],
  createContentLink: ({ subject }) => [{ params: subject, body: { path: packageFile, validForMinutes: 1 } }],
  verifyCopy: ({ subject }) => [{ params: subject, body: { from: 'notification-server' } }],
  copyVerification: async (seeds) => {
    const { id } = await seeds.makeVerification();
    return [{ params: { id } }];
  },
  simulations: () => [{}],
  startSimulation: async (seeds) => {
    await seeds.cancelSimulations();
    const { organisation, ...order } = seeds.simulationOrder();
    const policy = { id: await seeds.policyId(), target: { kind: 'all' as const } };
    return [
      { body: { ...order, organisation } },
      { body: { ...order, organisation: { ...defaultServerOrganisation, policy } } },
    ];
  },
  simulation: async (seeds) => [{ params: { id: await seeds.makeSimulation() } }],
  cancelSimulation: async (seeds) => [{ params: { id: await seeds.makeSimulation() } }],
  channels: () => [{}],
  channel: async (seeds) => [{ params: { id: (await seeds.makeChannel()).id } }],
  createChannel: (seeds) => [{ body: seeds.channelContent() }],
  updateChannel: async (seeds) => {
    const { id, version } = await seeds.makeChannel();
    return [{ params: { id }, body: { ...seeds.channelContent(), version } }];
  },
  deleteChannel: async (seeds) => [{ params: { id: (await seeds.makeChannel()).id } }],
  addChannelPackage: async (seeds) => [
    { params: { id: (await seeds.makeChannel()).id }, body: { ...seeds.channelItem(), version: null } },
  ],
  removeChannelPackage: async (seeds) => [{ params: { id: (await seeds.makeChannel()).id }, query: seeds.subject }],
  subscribeChannel: async (seeds) => {
    const body = { all: false, siteIds: [seeds.siteId], agentIds: [seeds.packageServer.agentId] };
    return [{ params: { id: (await seeds.makeChannel()).id }, body }];
  },
  unsubscribeChannel: async (seeds) => {
    const body = { all: false, siteIds: [seeds.siteId], agentIds: [seeds.packageServer.agentId] };
    return [{ params: { id: (await seeds.makeChannel()).id }, body }];
  },
  importChannelManifest: async (seeds) => {
    const params = { id: (await seeds.makeChannel()).id };
    return [{ params, body: { xml: seeds.manifest(), dryRun: true, removeOthers: true } }];
  },
  channelManifest: async (seeds) => {
    const params = { id: (await seeds.makeChannel()).id };
    await seeds.server.call('importChannelManifest', { params, body: { xml: seeds.manifest() } });
    return [{ params }];
  },
  importFolder: () => [{}],
  channelReplication: async (seeds) => {
    const { id } = await seeds.makeChannel();
    const query = { channelId: id, agentId: seeds.packageServer.agentId, ...seeds.subject };
    return [{ query: { ...query, by: 'package' } }, {}];
  },
  channelCopies: async (seeds) => {
    const { id } = await seeds.makeChannel();
    return [{ query: { channelId: id, agentId: seeds.packageServer.agentId, ...seeds.subject } }, {}];
  },
  channelReplicationTable: async (seeds) => {
    const { id } = await seeds.makeChannel();
    const query = { channelId: id, agentId: seeds.packageServer.agentId, ...seeds.subject };
    return [{ query: { ...query, by: 'channel' } }, {}];
  },
  trafficReport: async (seeds) => [
    { query: { ...(await seeds.reportQuery()), bucket: 'hour', groupBy: 'site' } },
    { query: { ...seeds.reportRange(), agentId: seeds.agent.agentId } },
    ...asTable,
  ],
  savingsReport: async (seeds) => [
    { query: { ...(await seeds.reportQuery()), bucket: 'hour', groupBy: 'site' } },
    ...asTable,
  ],
  wanCopiesReport: async (seeds) => [{ query: { ...(await seeds.reportQuery()), per: 'subnet' } }, ...asTable],
  firstDownloadersReport: (seeds) => {
    const where = { subnet: '127.30.1.0/24', key: seeds.packageKey, agentId: seeds.agent.agentId };
    return [{ query: { ...seeds.reportRange(), ...where, top: '10', format: 'json' } }, ...asTable];
  },
  directReasonsReport: async (seeds) => [{ query: { ...(await seeds.reportQuery()), groupBy: 'site' } }, ...asTable],
  penetrationReport: async (seeds) => [
    { query: { deliveryId: (await seeds.makeDelivery()).id, ...seeds.reportRange() } },
    { query: { key: seeds.packageKey, format: 'csv' } },
  ],
  agentPackage: () => [{}],
  updateAgentPackage: () => [{ body: { deleteUnusedAfterHours: 200 } }],
  packages: () => [{}],
  withdrawPackage: async (seeds) => {
    const { guid, version } = await seeds.makePackage();
    return [{ params: { guid, version } }];
  },
  imports: () => [{}],
  startImport: async (seeds) => {
    await seeds.noRunningImport();
    const file = path.join(seeds.place.folder, 'package');
    return [{ body: { path: file, name: 'again', version: seeds.unique('v'), guid: seeds.subject.guid } }];
  },
  uploadImport: async (seeds) => {
    await seeds.noRunningImport();
    const query = { fileName: 'file.bin', name: seeds.unique('upload'), version: '1.0' };
    return [{ query, file: Buffer.alloc(1000) }];
  },
  cancelImport: async (seeds) => [{ params: { id: (await seeds.makeRunningImport()).id } }],
  deliveries: () => [{}],
  delivery: async (seeds) => [{ params: { id: (await seeds.makeDelivery()).id } }],
  deliveryAgents: async (seeds) => [
    { params: { id: (await seeds.makeFailedDelivery()).id }, query: { state: 'failed' } },
  ],
  deliveryPenetration: async (seeds) => [{ params: { id: (await seeds.makeDelivery()).id } }],
  createDelivery: (seeds) => [
    { body: seeds.deliveryDraft() },
    { body: { ...plainDeliverySpec, ...seeds.subject, target: { kind: 'all' }, priority: 'normal' } },
    ...[
      { kind: 'at' as const, localTime: '2027-01-31T02:30' },
      { kind: 'daily' as const, timeOfDay: '02:30' },
      { kind: 'as-soon-as-possible' as const },
    ].map((schedule) => ({ body: { ...seeds.deliveryDraft(), installation: { schedule } } })),
  ],
  updateDelivery: async (seeds) => {
    const { id, availableFromMs } = await seeds.makeLaterDelivery();
    return [{ params: { id }, body: { ...seeds.deliveryDraft(), availableFromMs } }];
  },
  pauseDelivery: async (seeds) => [{ params: { id: (await seeds.makeDelivery()).id } }],
  resumeDelivery: async (seeds) => {
    const params = { id: (await seeds.makeDelivery()).id };
    await seeds.server.call('pauseDelivery', { params });
    return [{ params }];
  },
  startNextStage: async (seeds) => [{ params: { id: (await seeds.makeDelivery()).id } }],
  cancelDelivery: async (seeds) => [{ params: { id: (await seeds.makeDelivery()).id } }],
  retryDelivery: async (seeds) => [{ params: { id: (await seeds.makeFailedDelivery()).id } }],
  joinToken: () => [{}],
  fleet: () => [{}],
  setFleetConditions: () => {
    const switches = { onBattery: true, vpn: true, metered: true, internet: true, installing: true };
    return [{ params: { name: fleetAgentName }, body: { ...switches, cpuLoadPercent: 50 } }];
  },
  actOnFleetAgent: () => {
    const kinds = ['start', 'stop', 'kill', 'full-speed', 'corrupt', 'stop-corrupting', 'unplug', 'plug-in'] as const;
    const bodies = [
      ...kinds.map((kind) => ({ kind })),
      { kind: 'slow-down' as const, kilobytesPerSecond: 500 },
      { kind: 'move' as const, subnet: '127.80.2.0/24' },
    ];
    return bodies.map((body) => ({ params: { name: fleetAgentName }, body }));
  },
  startDemoFleet: async (seeds) => {
    await seeds.switchDemoFleet('off');
    return [{}];
  },
  stopDemoFleet: async (seeds) => {
    await seeds.switchDemoFleet('running');
    return [{}];
  },
  firstRun: () => [{}],
  chooseFirstRun: () => [{ body: { choice: 'empty' } }, { body: { choice: 'demo-fleet' } }],
  fleetUserAction: () => [{ params: { name: fleetAgentName }, body: { action: 'pause' } }],
  audit: () => [{ query: { before: '1000000', limit: '10', who: 'x', action: 'create-site', subject: 'site' } }, {}],
  revertAudit: async (seeds) => [{ params: { id: await seeds.revertibleChange() } }],
};
