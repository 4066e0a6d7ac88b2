import type { AgentPackageSettings } from '../../../shared/contracts/agent-package.ts';
import { agentPackageWarning } from '../../../shared/contracts/agent-package.ts';
import type { Overview, PackageSummary, Policy } from '../../../shared/contracts/console-api.ts';
import type { Delivery } from '../../../shared/contracts/deliveries-api.ts';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import { mutualSubnetWarnings } from '../../../shared/server/mutual-subnets.ts';
import type { StoredDelivery } from '../../database/stores/delivery-store.ts';
import type { StoredPackage } from '../../database/stores/package-store.ts';
import type { StoredPolicy } from '../../database/stores/policy-store.ts';
import type { AgentFeeds } from '../agents/agent-feeds.ts';
import type { ServerState } from '../server-state.ts';
import type { SentBytesOfSubnet } from '../traffic/sent-bytes-ledger.ts';
import { deliveryView } from './delivery-views.ts';
import type { Tally } from './tally.ts';
import { noProgress, subnetAndPackage, tallyOf } from './tally.ts';

const maximumWanCopies = 1000;

interface Count {
  /** Of the moment when it began. */
  readonly version: number;
  readonly counts: Promise<Tally>;
  isOver: boolean;
}

/** What the console shows of policies, sites, packages, deliveries and traffic, counted over all agents. */
export class OrganisationViews {
  readonly #state: ServerState;
  readonly #feeds: AgentFeeds;
  /** Rises with every change that the counts depend on. */
  #version = 0;
  #newest: Count | null = null;
  /** Begins when the newest is over. */
  #next: Promise<Tally> | null = null;

  constructor(state: ServerState, feeds: AgentFeeds) {
    this.#state = state;
    this.#feeds = feeds;
  }

  /** Something changed that the counts depend on. */
  invalidate(): void {
    this.#version++;
  }

  async policies(): Promise<Policy[]> {
    const { places, byPolicy } = await this.#counts();
    const stored = this.#state.organisation.policies.map((policy) => policy.stored);
    const warnings = mutualSubnetWarnings(stored, places);
    return stored.map((policy, index) => ({
      ...policy,
      priority: index + 1,
      warnings: [
        ...retentionWarning(policy, this.#state.organisation.agentPackage),
        ...(warnings.get(policy.id) ?? []),
      ],
      appliesToAgents: byPolicy.get(policy.id) ?? 0,
    }));
  }

  async policy(id: string): Promise<Policy | null> {
    return (await this.policies()).find((policy) => policy.id === id) ?? null;
  }

  async sites(): Promise<Site[]> {
    const { bySite } = await this.#counts();
    return this.#state.organisation.sites.map((site) => ({
      ...site,
      subnets: [...site.subnets],
      agents: bySite.get(site.id) ?? 0,
    }));
  }

  async packages(): Promise<PackageSummary[]> {
    const counts = await this.#counts();
    return this.#state.organisation.packages.map((stored) => packageSummary(stored, counts));
  }

  async package(stored: StoredPackage): Promise<PackageSummary> {
    return packageSummary(stored, await this.#counts());
  }

  async deliveries(): Promise<Delivery[]> {
    const counts = await this.#counts();
    return this.#state.organisation.deliveries.flatMap(({ stored }) => this.#delivery(stored, counts) ?? []);
  }

  async delivery(delivery: StoredDelivery): Promise<Delivery | null> {
    return this.#delivery(delivery, await this.#counts());
  }

  #delivery(delivery: StoredDelivery, { byDelivery }: Tally): Delivery | null {
    const stored = this.#state.organisation.package(delivery.key);
    if (stored === null) return null;
    const progress = byDelivery.get(delivery.id) ?? noProgress;
    return deliveryView(delivery, stored, this.#state.deliveries.stateOf(delivery), progress);
  }

  async overview(): Promise<Overview> {
    const counts = await this.#counts();
    const { directory, organisation, sent, packageServerBytes, statistics, now } = this.#state;
    return {
      atMs: now(),
      agents: directory.size,
      agentsOnline: this.#feeds.onlineCount,
      packages: organisation.packages.length,
      directBytes: sent.totalBytes + packageServerBytes.totalBytes,
      peerBytes: statistics.peerBytes,
      traffic: statistics.points(now()),
      wanCopies: this.#wanCopies(counts),
      directReasons: statistics.directReasons(),
    };
  }

  /** Newest package first. */
  #wanCopies({ bySubnetAndPackage }: Tally): Overview['wanCopies'] {
    const { organisation, sent, packageServerBytes } = this.#state;
    const crossed = new Map<string, SentBytesOfSubnet>();
    for (const row of [...sent.bySubnet(), ...packageServerBytes.bySubnet()]) {
      const id = subnetAndPackage(row.subnet, row.key);
      crossed.set(id, { ...row, bytes: (crossed.get(id)?.bytes ?? 0) + row.bytes });
    }
    const rows = [...crossed.values()].flatMap(({ subnet, siteId, key, bytes }) => {
      const stored = organisation.package(key);
      if (stored === null || stored.totalSizeBytes === 0) return [];
      const progress = bySubnetAndPackage.get(subnetAndPackage(subnet, key)) ?? noProgress;
      const row = {
        subnet,
        siteName: siteId === null ? null : (organisation.site(siteId)?.name ?? null),
        key,
        packageName: stored.name,
        version: stored.version,
        wanBytes: bytes,
        totalSizeBytes: stored.totalSizeBytes,
        copies: bytes / stored.totalSizeBytes,
        agents: progress.agents,
        ready: progress.ready,
      };
      return [{ row, createdAtMs: stored.createdAtMs }];
    });
    rows.sort((a, b) => b.createdAtMs - a.createdAtMs || (a.row.subnet < b.row.subnet ? -1 : 1));
    return rows.slice(0, maximumWanCopies).map(({ row }) => row);
  }

  /** Never older than the call. Agents are counted once at a time: several counts would only make each other slower. */
  #counts(): Promise<Tally> {
    const newest = this.#newest;
    if (newest?.version === this.#version) return newest.counts;
    if (newest === null || newest.isOver) return this.#count();
    this.#next ??= newest.counts.then(
      () => this.#count(),
      () => this.#count(),
    );
    return this.#next;
  }

  #count(): Promise<Tally> {
    this.#next = null;
    const { directory, resolver } = this.#state;
    const count: Count = { version: this.#version, counts: tallyOf(directory, resolver), isOver: false };
    this.#newest = count;
    count.counts.then(
      () => {
        count.isOver = true;
      },
      () => {
        // Whoever waits for it is told; the next one counts anew.
        if (this.#newest === count) this.#newest = null;
      },
    );
    return count.counts;
  }
}

function packageSummary({ withdrawnAtMs, ...shown }: StoredPackage, { byPackage }: Tally): PackageSummary {
  const { agents, ...progress } = byPackage.get(shown.key) ?? noProgress;
  return { ...shown, withdrawn: withdrawnAtMs !== null, assigned: agents, ...progress };
}

/** Peer downloading lives on packages that stay on computers: what the *Agent package* page says of them matters here, too. */
function retentionWarning({ settings }: StoredPolicy, agentPackage: AgentPackageSettings): Policy['warnings'] {
  const message = agentPackageWarning(agentPackage, settings.peerDownloading);
  return message === null ? [] : [{ key: 'peerDownloading', message: `Agent package: ${message}` }];
}
