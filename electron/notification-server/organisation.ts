import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { AgentId, PackageGuid, PackageKey } from '../../shared/base/ids.ts';
import type { AgentPackageSettings } from '../../shared/contracts/agent-package.ts';
import { agentPackageSettingsSchema, defaultAgentPackageSettings } from '../../shared/contracts/agent-package.ts';
import type { ContentAccess } from '../../shared/contracts/content-link.ts';
import { contentAccessSchema, defaultContentAccess } from '../../shared/contracts/content-link.ts';
import type { DeliveryState } from '../../shared/contracts/delivery-state.ts';
import type { PackageAssignment } from '../../shared/contracts/package-servers-api.ts';
import type { PlugInPolicy } from '../../shared/contracts/plug-in-policy.ts';
import { defaultPlugInPolicy, plugInPolicySchema } from '../../shared/contracts/plug-in-policy.ts';
import { defaultSiteSettings } from '../../shared/contracts/site-settings.ts';
import type { DeliveryRules } from '../../shared/server/deliveries/delivery-progress.ts';
import { newDelivery } from '../../shared/server/deliveries/delivery-progress.ts';
import { isOffered, rulesOf, stageOf } from '../../shared/server/deliveries/delivery-stages.ts';
import type { RankedPolicy } from '../../shared/server/settings-resolution.ts';
import { policiesInOrder } from '../../shared/server/settings-resolution.ts';
import { SiteTable } from '../../shared/server/site-assignment.ts';
import { SiteSettingsRules } from '../../shared/server/site-settings-rules.ts';
import type { TargetTest } from '../../shared/server/target.ts';
import { targetTest } from '../../shared/server/target.ts';
import type { Database } from '../database/database.ts';
import type { StoredChannel } from '../database/stores/channel-store.ts';
import { loadChannels } from '../database/stores/channel-store.ts';
import type { StoredDelivery } from '../database/stores/delivery-store.ts';
import { loadDeliveries, loadDeliveryStates } from '../database/stores/delivery-store.ts';
import type { StoredPackageServer } from '../database/stores/package-server-store.ts';
import { loadPackageAssignments, loadPackageServers } from '../database/stores/package-server-store.ts';
import type { StoredPackage } from '../database/stores/package-store.ts';
import { loadPackages } from '../database/stores/package-store.ts';
import type { StoredPolicy } from '../database/stores/policy-store.ts';
import { loadPolicies } from '../database/stores/policy-store.ts';
import type { StoredRevocation } from '../database/stores/revocation-store.ts';
import { loadRevocations } from '../database/stores/revocation-store.ts';
import type { StoredGroupKey } from '../database/stores/secret-store.ts';
import { loadGroupKeys } from '../database/stores/secret-store.ts';
import { readServerSetting } from '../database/stores/server-setting-store.ts';
import type { StoredSiteSettings } from '../database/stores/site-settings-store.ts';
import { loadSiteSettings } from '../database/stores/site-settings-store.ts';
import type { StoredSite } from '../database/stores/site-store.ts';
import { loadSites } from '../database/stores/site-store.ts';

const parts = [
  'policies',
  'sites',
  'packages',
  'deliveries',
  'group-keys',
  'revocations',
  'agent-package',
  'package-servers',
  'channels',
  'plug-in-policy',
  'site-settings',
  'content-access',
] as const;
export type OrganisationPart = (typeof parts)[number];
export interface PreparedPolicy extends RankedPolicy {
  readonly stored: StoredPolicy;
}
export interface PreparedDelivery {
  readonly stored: StoredDelivery;
  readonly rules: DeliveryRules;
  /** What agents are told by; its counters may be behind. */
  readonly state: DeliveryState;
  /** Whom each stage means, agents of earlier stages included. */
  readonly stages: readonly TargetTest[];
  /** Whether the agent is told of it now. */
  readonly isTargeted: TargetTest;
}

/**
 * What administrators decided, as it is stored, in memory for the many who ask. Changed only by reading a part again
 * after a commit, so that it never says what the database does not.
 */
export class Organisation {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #listeners: ((part: OrganisationPart) => void)[] = [];
  /** Changed, and not read since. */
  readonly #stale = new Set<OrganisationPart>();
  #policies: readonly PreparedPolicy[] = [];
  #sites: readonly StoredSite[] = [];
  #siteById = new Map<string, StoredSite>();
  #siteTable = new SiteTable([]);
  #storedPolicies: readonly StoredPolicy[] = [];
  #storedDeliveries: readonly StoredDelivery[] = [];
  #packages: readonly StoredPackage[] = [];
  #packageByKey = new Map<PackageKey, StoredPackage>();
  #deliveries: readonly PreparedDelivery[] = [];
  #deliveryById = new Map<string, PreparedDelivery>();
  #deliveryStates = new Map<string, DeliveryState>();
  #groupKeys: readonly StoredGroupKey[] = [];
  #revocations: readonly StoredRevocation[] = [];
  #agentPackage = defaultAgentPackageSettings;
  #packageServers: ReadonlyMap<AgentId, StoredPackageServer> = new Map();
  #packageAssignments: ReadonlyMap<PackageKey, PackageAssignment> = new Map();
  #channels: readonly StoredChannel[] = [];
  #plugInPolicy = defaultPlugInPolicy;
  #contentAccess = defaultContentAccess;
  #siteSettings = new SiteSettingsRules<StoredSiteSettings>([], [], defaultSiteSettings);
  #generation = 0;

  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  async loadAll(): Promise<void> {
    for (const part of parts) await this.reload(part);
  }

  /** To be called after the commit that changed the part. Where the database does not answer, `reloadStale` catches up. */
  async reload(part: OrganisationPart): Promise<void> {
    this.#stale.add(part);
    await this.#read(part);
    this.#stale.delete(part);
    this.changed(part);
  }

  /** What follows from the part is another, though what is stored of it is not. */
  changed(part: OrganisationPart): void {
    this.#generation++;
    for (const listener of this.#listeners) listener(part);
  }

  /** To be called now and then. */
  async reloadStale(): Promise<void> {
    for (const part of this.#stale) await this.reload(part);
  }

  onChange(listener: (part: OrganisationPart) => void): void {
    this.#listeners.push(listener);
  }

  /** Rises with every change: what was derived under a smaller one has to be derived again. */
  get generation(): number {
    return this.#generation;
  }

  /** In the order in which they are asked, Global last. */
  get policies(): readonly PreparedPolicy[] {
    return this.#policies;
  }

  get sites(): readonly StoredSite[] {
    return this.#sites;
  }

  get siteTable(): SiteTable {
    return this.#siteTable;
  }

  site(id: string): StoredSite | null {
    return this.#siteById.get(id) ?? null;
  }

  /** Newest first. */
  get packages(): readonly StoredPackage[] {
    return this.#packages;
  }

  package(key: PackageKey): StoredPackage | null {
    return this.#packageByKey.get(key) ?? null;
  }

  packageVersion(guid: PackageGuid, version: string): StoredPackage | null {
    return this.package(packageKeyOf(guid, version));
  }

  /** Newest first. */
  get deliveries(): readonly PreparedDelivery[] {
    return this.#deliveries;
  }

  delivery(id: string): PreparedDelivery | null {
    return this.#deliveryById.get(id) ?? null;
  }

  /** As it would be if it were stored. */
  prepareDelivery(stored: StoredDelivery, state: DeliveryState | undefined): PreparedDelivery {
    const rules = rulesOf(stored.spec, stored.createdAtMs);
    const known = state ?? newDelivery(rules);
    const targets = [stored.target, ...stored.spec.laterStages.map(({ target }) => target)];
    const stages = targets.map((target) => targetTest(target, this.#sites));
    const isTargeted: TargetTest = (agent) => {
      const stage = stageOf(stages, agent);
      return stage !== null && isOffered(known, stage);
    };
    return { stored, rules, state: known, stages, isTargeted };
  }

  get groupKeys(): readonly StoredGroupKey[] {
    return this.#groupKeys;
  }

  /** Agents whose certificates would still be valid, the last one first. */
  get revocations(): readonly StoredRevocation[] {
    return this.#revocations;
  }

  /** 0 where nobody was revoked. */
  get newestRevocationMs(): number {
    return this.#revocations[0]?.revokedAtMs ?? 0;
  }

  get agentPackage(): AgentPackageSettings {
    return this.#agentPackage;
  }

  /** In the order of agent ids. */
  get packageServers(): ReadonlyMap<AgentId, StoredPackageServer> {
    return this.#packageServers;
  }

  packageAssignment(key: PackageKey): PackageAssignment {
    return this.#packageAssignments.get(key) ?? { mode: 'on-demand' };
  }

  /** Who may fetch files of packages over plain links. */
  get contentAccess(): ContentAccess {
    return this.#contentAccess;
  }

  /** By name. */
  get channels(): readonly StoredChannel[] {
    return this.#channels;
  }

  get plugInPolicy(): PlugInPolicy {
    return this.#plugInPolicy;
  }

  /** Which Targeted site settings hold for a site. */
  get siteSettings(): SiteSettingsRules<StoredSiteSettings> {
    return this.#siteSettings;
  }

  async #read(part: OrganisationPart): Promise<void> {
    switch (part) {
      case 'policies':
        this.#storedPolicies = policiesInOrder(await loadPolicies(this.#database));
        this.#preparePolicies();
        return;
      case 'sites':
        this.#sites = await loadSites(this.#database);
        this.#siteById = new Map(this.#sites.map((site) => [site.id, site]));
        this.#siteTable = new SiteTable(this.#sites);
        // Targets with the sites below a site follow the tree.
        this.#preparePolicies();
        this.#prepareDeliveries();
        this.#siteSettings = new SiteSettingsRules(this.#siteSettings.rules, this.#sites, defaultSiteSettings);
        return;
      case 'packages':
        this.#packages = await loadPackages(this.#database);
        this.#packageByKey = new Map(this.#packages.map((stored) => [stored.key, stored]));
        return;
      case 'deliveries':
        this.#storedDeliveries = await loadDeliveries(this.#database);
        this.#deliveryStates = await loadDeliveryStates(this.#database);
        this.#prepareDeliveries();
        return;
      case 'group-keys':
        this.#groupKeys = await loadGroupKeys(this.#database);
        return;
      case 'revocations':
        this.#revocations = await loadRevocations(this.#database, this.#now());
        return;
      case 'package-servers': {
        const servers = await loadPackageServers(this.#database);
        this.#packageServers = new Map(servers.map((server) => [server.agentId, server]));
        this.#packageAssignments = await loadPackageAssignments(this.#database);
        return;
      }
      case 'channels':
        this.#channels = await loadChannels(this.#database);
        return;
      case 'agent-package': {
        const text = await readServerSetting(this.#database, 'agent-package');
        this.#agentPackage =
          text === null ? defaultAgentPackageSettings : agentPackageSettingsSchema.parse(JSON.parse(text));
        return;
      }
      case 'plug-in-policy': {
        const text = await readServerSetting(this.#database, 'plug-in-policy');
        this.#plugInPolicy = text === null ? defaultPlugInPolicy : plugInPolicySchema.parse(JSON.parse(text));
        return;
      }
      case 'content-access': {
        const text = await readServerSetting(this.#database, 'content-access');
        this.#contentAccess = text === null ? defaultContentAccess : contentAccessSchema.parse(JSON.parse(text));
        return;
      }
      case 'site-settings':
        this.#siteSettings = new SiteSettingsRules(
          await loadSiteSettings(this.#database),
          this.#sites,
          defaultSiteSettings,
        );
        return;
    }
  }

  #preparePolicies(): void {
    this.#policies = this.#storedPolicies.map((stored) => ({
      stored,
      priority: stored.priority,
      isGlobal: stored.isGlobal,
      isTargeted: targetTest(stored.target, this.#sites),
    }));
  }

  #prepareDeliveries(): void {
    this.#deliveries = this.#storedDeliveries.map((stored) =>
      this.prepareDelivery(stored, this.#deliveryStates.get(stored.id)),
    );
    this.#deliveryById = new Map(this.#deliveries.map((prepared) => [prepared.stored.id, prepared]));
  }
}
