import { randomBytes } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { packageKeyOf } from '../../../shared/base/hashing.ts';
import type { PackageGuid, PackageKey } from '../../../shared/base/ids.ts';
import { err, ok } from '../../../shared/base/result.ts';
import type { Channel } from '../../../shared/contracts/channels-api.ts';
import { normalConditions } from '../../../shared/contracts/conditions.ts';
import type { ImportJob, Policy, PolicyDraft } from '../../../shared/contracts/console-api.ts';
import type { CopyVerification } from '../../../shared/contracts/copy-verification.ts';
import type { Delivery, DeliveryDraft } from '../../../shared/contracts/deliveries-api.ts';
import type { FleetAgentStatus } from '../../../shared/contracts/fleet.ts';
import { noImpairments } from '../../../shared/contracts/impairments.ts';
import type { AgentSettings } from '../../../shared/contracts/settings.ts';
import { defaultAgentSettings } from '../../../shared/contracts/settings.ts';
import { defaultGeneratedOrganisation, defaultSimulationRequest } from '../../../shared/contracts/simulation.ts';
import type { SimulationOrder } from '../../../shared/contracts/simulations-api.ts';
import type { SiteSettingsRule } from '../../../shared/contracts/site-settings.ts';
import type { Site, SiteDraft } from '../../../shared/contracts/sites-api.ts';
import type { Target } from '../../../shared/contracts/targets.ts';
import { ServerPlace } from '../../notification-server/support/server-place.ts';
import type { TestAgent, TestFeed } from '../../notification-server/support/test-agent.ts';
import type { TestServer } from '../../notification-server/support/test-server.ts';
import { eventually, importPackage } from '../../notification-server/support/test-server.ts';

export const fleetAgentName = 'a-01';
export const packageFile = 'setup.exe';
const password = 'the pass phrase of a test';
/** Each route of passwords is asked dozens of times, and takes a fifth of a second with the usual one. */
const passwordCost = 1024;

/**
 * A server with something of everything, so that each operation has something to work on. What an operation uses up is made
 * anew by the functions here.
 */
export class SeededServer {
  readonly place: ServerPlace;
  /** Online, with one interface in a subnet of `siteId`. */
  readonly agent: TestAgent;
  /** Has the Package Server role. */
  readonly packageServer: TestAgent;
  readonly siteId: string;
  readonly subject: { readonly guid: PackageGuid; readonly version: string };
  readonly #feed: TestFeed;
  #count = 0;

  private constructor(
    seeds: Pick<SeededServer, 'place' | 'agent' | 'packageServer' | 'siteId' | 'subject'>,
    feed: TestFeed,
  ) {
    this.place = seeds.place;
    this.agent = seeds.agent;
    this.packageServer = seeds.packageServer;
    this.siteId = seeds.siteId;
    this.subject = seeds.subject;
    this.#feed = feed;
  }

  static async start(): Promise<SeededServer> {
    const place = await ServerPlace.start({ groupKeySettleMs: 1, passwordCost });
    const body = { name: 'Headquarters', subnets: ['127.30.1.0/24'], wanKilobitsPerSecond: 0 };
    const siteId = (await place.server.call('createSite', { body })).id;
    const [agent, packageServer] = [
      await place.enrol({ name: 'pc', localAddress: '127.30.1.9' }),
      await place.enrol({ name: 'ps', localAddress: '127.30.1.2' }),
    ];
    await sendEvents(agent, [startedEvent('127.30.1.9')]);
    await sendEvents(packageServer, [startedEvent('127.30.1.2')]);
    await place.server.call('addPackageServer', { body: { agentId: packageServer.agentId } });
    const folder = path.join(place.folder, 'package');
    await mkdir(folder);
    await writeFile(path.join(folder, packageFile), randomBytes(1000));
    const { guid, version } = await importPackage(place.server, folder);
    const subject = { guid, version };
    place.server.setFleet(fleetOfOne(), demoFleetOfNobody());
    const feed = await agent.openFeed();
    const seeds = new SeededServer({ place, agent, packageServer, siteId, subject }, feed);
    await seeds.server.call('createDelivery', { body: seeds.deliveryDraft() });
    await seeds.makePolicy();
    return seeds;
  }

  get server(): TestServer {
    return this.place.server;
  }

  async stop(): Promise<void> {
    this.#feed.close();
    await this.place.stop();
  }

  async switchDemoFleet(wanted: 'off' | 'running'): Promise<void> {
    const { demo } = await this.server.call('fleet', {});
    if (demo.phase !== wanted) await this.server.call(wanted === 'off' ? 'stopDemoFleet' : 'startDemoFleet', {});
  }

  /** No other has been called so. */
  unique(what: string): string {
    return `${what}-${++this.#count}`;
  }

  /** Of no site yet. */
  freshSubnet(): string {
    const number = ++this.#count;
    return `10.${number >> 8}.${number & 255}.0/24`;
  }

  /** Every kind of filter. */
  get target(): Target {
    const filters = [
      { kind: 'subnets' as const, subnets: ['127.30.1.0/24'] },
      { kind: 'names' as const, patterns: ['pc*'] },
      { kind: 'tags' as const, tags: ['lab'] },
      { kind: 'agents' as const, agentIds: [this.agent.agentId] },
      { kind: 'all' as const },
    ];
    const first = { kind: 'sites' as const, siteIds: [this.siteId], withChildren: true };
    return { kind: 'rows', first, next: filters.map((filter) => ({ operation: 'union', filter })) };
  }

  get settings(): AgentSettings {
    const span = { days: ['mon' as const], from: '08:00', to: '09:00' };
    return {
      ...defaultAgentSettings,
      additionalSubnets: ['10.200.0.0/24'],
      throttlingPeriods: [{ ...span, kilobytesPerSecond: 100 }],
      blockouts: [{ ...span, kind: 'downloads' as const }],
    };
  }

  policyDraft(): PolicyDraft {
    return { name: this.unique('policy'), target: this.target, settings: this.settings };
  }

  makePolicy(): Promise<Policy> {
    return this.server.call('createPolicy', { body: this.policyDraft() });
  }

  siteDraft(): SiteDraft {
    return {
      name: this.unique('site'),
      subnets: [this.freshSubnet()],
      wanKilobitsPerSecond: 1000,
      parentId: this.siteId,
      wanOutKilobitsPerSecond: 500,
      acquisitionSchedule: 'mon-fri 08-18 25%',
      distributionSchedule: 'sat,sun closed',
      timeZone: 'Europe/Berlin',
      locationType: 'office' as const,
      sharesLan: true,
    };
  }

  makeSite(): Promise<Site> {
    return this.server.call('createSite', { body: this.siteDraft() });
  }

  siteSettingsDraft(): Pick<SiteSettingsRule, 'name' | 'target' | 'settings'> {
    const settings = {
      sharedOutboundKilobytesPerSecond: 1,
      preventNotificationServer: false,
      preventForeignPackageServers: false,
    };
    const target = { kind: 'sites' as const, siteIds: [this.siteId], withChildren: true };
    return { name: this.unique('rule'), target, settings };
  }

  makeSiteSettings(): Promise<SiteSettingsRule> {
    return this.server.call('createSiteSettings', { body: this.siteSettingsDraft() });
  }

  deliveryDraft(): DeliveryDraft {
    const windows = [{ days: ['mon' as const], from: '01:00', to: '05:00' }];
    const start = { kind: 'after-previous' as const, installedPercent: 90, failedPercent: 5, hours: 1 };
    return {
      ...this.subject,
      target: this.target,
      priority: 'emergency' as const,
      laterStages: [
        { target: { kind: 'all' as const }, start },
        { target: { kind: 'all' as const }, start: { kind: 'by-hand' as const } },
      ],
      availableFromMs: 1,
      downloadWindows: windows,
      deadlineMs: Date.now() + 1_000_000_000,
      ignoresTotalBlockouts: true,
      ignoresSiteLimits: true,
      installation: {
        schedule: { kind: 'in-windows' as const, windows },
        command: { file: packageFile, arguments: ['/quiet'] },
        durationSeconds: 10,
        tries: 2,
      },
    };
  }

  makeDelivery(): Promise<Delivery> {
    return this.server.call('createDelivery', { body: this.deliveryDraft() });
  }

  /** One that has not begun. */
  makeLaterDelivery(): Promise<Delivery> {
    const availableFromMs = Date.now() + 100_000_000;
    return this.server.call('createDelivery', { body: { ...this.deliveryDraft(), availableFromMs } });
  }

  /** One in which the agent has failed. */
  async makeFailedDelivery(): Promise<Delivery> {
    const delivery = await this.makeDelivery();
    const report = { deliveryId: delivery.id, round: 0, failure: 'disk-full', exitCode: null, isRebootPending: false };
    const state = { kind: 'package-state', key: delivery.key, state: 'failed', blocks: 0, blockCount: 1 };
    await sendEvents(this.agent, [{ ...state, detail: 'full', delivery: report }]);
    return delivery;
  }

  channelItem() {
    return { ...this.subject, notBeforeMs: 1, expiresAtMs: Date.now() + 1_000_000_000, priority: 'normal' as const };
  }

  channelContent() {
    return {
      name: this.unique('channel'),
      description: 'of a test',
      priority: 'background' as const,
      windows: [{ days: ['mon' as const], from: '01:00', to: '05:00' }],
      items: [this.channelItem()],
      subscribers: { all: true, siteIds: [this.siteId], agentIds: [this.packageServer.agentId] },
    };
  }

  makeChannel(): Promise<Channel> {
    return this.server.call('createChannel', { body: this.channelContent() });
  }

  manifest(): string {
    const { guid, version } = this.subject;
    return `<channel-manifest><item guid="${guid}" version="${version}"/></channel-manifest>`;
  }

  simulationOrder(): SimulationOrder {
    const { settings: _settings, organisation: _organisation, ...rest } = defaultSimulationRequest;
    const organisation = { ...defaultGeneratedOrganisation, agents: 4, sites: 2, regions: 1 };
    const variants = [{ name: 'Tried', settings: defaultAgentSettings }];
    return { ...rest, agentBound: 4, organisation, packageMebibytes: 2, variants, maximumWallSeconds: 5 };
  }

  async makeSimulation(): Promise<string> {
    await this.cancelSimulations();
    return (await this.server.call('startSimulation', { body: this.simulationOrder() })).id;
  }

  /** One runs and a few wait: those of the test before are in the way. */
  async cancelSimulations(): Promise<void> {
    for (const { id } of await this.server.call('simulations', {})) {
      await this.server.call('cancelSimulation', { params: { id } });
    }
  }

  async policyId(): Promise<string> {
    return (await this.server.call('policies', {}))[0]?.id ?? '';
  }

  makeVerification(): Promise<CopyVerification> {
    return this.server.call('verifyCopy', { params: this.subject, body: { from: 'notification-server' } });
  }

  /** The last hour. */
  reportRange() {
    return { fromMs: String(Date.now() - 3_600_000), toMs: String(Date.now()) };
  }

  /** Every filter that goes with others. */
  async reportQuery() {
    const policies = await this.server.call('policies', {});
    const policyId = policies.find(({ isGlobal }) => isGlobal)?.id ?? '';
    const where = { siteId: this.siteId, subnet: '127.30.1.0/24', key: this.packageKey, policyId };
    return { ...this.reportRange(), ...where, top: '10', format: 'json' as const };
  }

  get packageKey(): PackageKey {
    return packageKeyOf(this.subject.guid, this.subject.version);
  }

  makeAccount(role: 'administrator' | 'helpdesk' = 'helpdesk') {
    return this.server.call('createAccount', { body: { name: this.unique('person'), role, password } });
  }

  get password(): string {
    return password;
  }

  /** Signed in; the headers of a browser. */
  async browserOf(name: string): Promise<Record<string, string>> {
    return this.#cookie('/sign-ins', { name, password });
  }

  /** As the local administrator. */
  async localBrowser(): Promise<Record<string, string>> {
    return this.#cookie('/session', { token: this.signInToken() });
  }

  signInToken(): string {
    return new URL(this.server.makeSignInLink()).hash.replace('#token=', '');
  }

  async token(scope: 'read' | 'helpdesk' | 'administrator') {
    return this.server.call('createApiToken', { body: { name: this.unique('token'), scope, expiresInDays: 1 } });
  }

  async makePackage(): Promise<NonNullable<ImportJob['package']>> {
    const file = path.join(this.place.folder, this.unique('file'));
    await writeFile(file, randomBytes(100));
    return importPackage(this.server, file);
  }

  /** It takes a while: the file is large and empty. */
  async makeRunningImport(): Promise<ImportJob> {
    const file = path.join(this.place.folder, this.unique('large'));
    const handle = await open(file, 'w');
    await handle.truncate(512 * 1024 * 1024);
    await handle.close();
    return this.server.call('startImport', { body: { path: file } });
  }

  async noRunningBackup(): Promise<void> {
    await eventually('the backup before', async () => {
      const job = await this.server.call('backup', {}).catch(() => null);
      return job?.state === 'running' ? null : true;
    });
  }

  async noRunningImport(): Promise<void> {
    await eventually('the imports before', async () => {
      const jobs = await this.server.call('imports', {});
      return jobs.every(({ state }) => state !== 'scanning' && state !== 'hashing') ? true : null;
    });
  }

  /** The id of an entry of the audit trail that can be taken back. */
  async revertibleChange(): Promise<string> {
    const { name } = await this.makeSite();
    const [entry] = await this.server.call('audit', { query: { subject: name } });
    return String(entry?.id);
  }

  async #cookie(route: string, body: object): Promise<Record<string, string>> {
    const answer = await fetch(`${this.server.consoleUrl}/api/v1${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.status !== 200) throw new Error(`signing in answered ${answer.status}: ${await answer.text()}`);
    return { cookie: String(answer.headers.get('set-cookie')).split(';')[0] ?? '' };
  }
}

const sequences = new WeakMap<TestAgent, number>();

async function sendEvents(agent: TestAgent, told: readonly object[]): Promise<void> {
  let sequence = sequences.get(agent) ?? 0;
  const events = told.map((event) => ({ sequence: ++sequence, atMs: 1, ...event }));
  sequences.set(agent, sequence);
  const body = { installationEpoch: agent.identity.installationEpoch, events };
  const answer = await agent.request('/events', { method: 'POST', body });
  if (answer.status !== 200) throw new Error(`events were answered ${answer.status}: ${answer.body}`);
}

function startedEvent(address: string) {
  const lan = { name: 'lo', address, subnet: '127.30.1.0/24', port: 27801 };
  return { kind: 'started', bootId: 1, productVersion: '0', platform: 'test', cpuCores: 1, interfaces: [lan] };
}

/** Can be started and stopped as often as somebody wants. */
function demoFleetOfNobody(): Parameters<TestServer['setFleet']>[1] {
  let phase: 'off' | 'running' = 'off';
  return {
    status: () => ({ phase, message: '', isProblem: false, packagePath: '/opt/demo.bin' }),
    start: () => {
      if (phase === 'running') return err('The demo fleet runs already.');
      phase = 'running';
      return ok(undefined);
    },
    stop: async () => {
      phase = 'off';
    },
    onChange: () => () => undefined,
  };
}

function fleetOfOne(): Parameters<TestServer['setFleet']>[0] {
  const agent: FleetAgentStatus = {
    name: fleetAgentName,
    agentId: null,
    address: '127.80.1.1',
    port: 27801,
    subnet: '127.80.1.0/24',
    workerPid: null,
    state: 'running',
    conditions: normalConditions,
    impairments: noImpairments,
    restarts: 0,
    detail: '',
    sinceMs: 0,
  };
  return {
    status: () => ({
      running: true,
      subnets: [{ name: 'A', subnet: agent.subnet, wanKilobitsPerSecond: 0 }],
      agents: [agent],
    }),
    act: async (name) => (name === fleetAgentName ? ok({ message: 'Done.', agents: [name] }) : null),
    setConditions: (name) => name === fleetAgentName,
    userAction: async (name) => (name === fleetAgentName ? { accepted: true, message: '' } : null),
    onChange: () => () => undefined,
  };
}
