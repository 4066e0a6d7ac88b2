import type { AgentId } from '../../../shared/base/ids.ts';
import { LimitShares } from '../../../shared/server/limit-shares.ts';
import type { OutboundLimit } from '../../../shared/server/outbound-limit.ts';
import type { AgentRecord } from '../agents/agent-directory.ts';
import type { Organisation } from '../organisation.ts';
import { minuteOfWeekIn } from '../sites/zone-clock.ts';
import type { PackageServers } from './package-servers.ts';

export interface OutboundLimitsParts {
  readonly organisation: Organisation;
  readonly packageServers: PackageServers;
  readonly isOnline: (agentId: AgentId) => boolean;
  /** Null = unlimited. */
  readonly tell: (agentId: AgentId, bytesPerSecond: number | null) => void;
  readonly now: () => number;
}

interface LimitedSite {
  readonly limit: OutboundLimit;
  readonly timeZone: string;
  readonly shares: LimitShares<AgentId>;
}

/** What leaves each site is divided among its Package Servers, by who sends, in the hours of the site. */
export class OutboundLimits {
  readonly #parts: OutboundLimitsParts;
  readonly #bySite = new Map<string, LimitedSite>();
  readonly #siteOfServer = new Map<AgentId, string>();
  #generation = -1;

  constructor(parts: OutboundLimitsParts) {
    this.#parts = parts;
  }

  connected({ agentId }: AgentRecord): void {
    this.#follow();
    this.#sharesOf(agentId)?.connected(agentId, this.#parts.now());
    this.tick();
  }

  disconnected({ agentId }: AgentRecord): void {
    this.#sharesOf(agentId)?.disconnected(agentId);
  }

  used({ agentId }: AgentRecord): void {
    this.#sharesOf(agentId)?.used(agentId, this.#parts.now());
    this.tick();
  }

  /** To be called every second: tells what has changed since, by the clock too. */
  tick(): void {
    this.#follow();
    const nowMs = this.#parts.now();
    for (const { limit, timeZone, shares } of this.#bySite.values()) {
      shares.setLimit(limit.bytesPerSecondAt(limit.hasSchedule ? minuteOfWeekIn(timeZone, nowMs) : 0));
      for (const { source, bytesPerSecond } of shares.tick(nowMs)) {
        this.#parts.tell(source, bytesPerSecond === Number.POSITIVE_INFINITY ? null : bytesPerSecond);
      }
    }
  }

  /** Sites, their settings and their Package Servers may be others since. */
  #follow(): void {
    const { organisation, packageServers, isOnline, now } = this.#parts;
    if (this.#generation === organisation.generation) return;
    this.#generation = organisation.generation;
    const serversBySite = new Map<string, AgentId[]>();
    this.#siteOfServer.clear();
    for (const server of organisation.packageServers.values()) {
      const siteId = packageServers.siteOf(server);
      if (!server.enabled || siteId === null) continue;
      this.#siteOfServer.set(server.agentId, siteId);
      serversBySite.set(siteId, [...(serversBySite.get(siteId) ?? []), server.agentId]);
    }
    for (const siteId of this.#bySite.keys()) if (!serversBySite.has(siteId)) this.#bySite.delete(siteId);
    for (const [siteId, servers] of serversBySite) {
      const site = organisation.site(siteId);
      const limit = packageServers.outboundLimitOf(siteId);
      if (site === null || limit?.binds !== true) {
        this.#bySite.delete(siteId);
        continue;
      }
      const { timeZone } = site;
      const bytesPerSecond = limit.bytesPerSecondAt(limit.hasSchedule ? minuteOfWeekIn(timeZone, now()) : 0);
      const shares = this.#bySite.get(siteId)?.shares ?? new LimitShares(bytesPerSecond, servers, now());
      shares.setSources(servers, isOnline, now());
      this.#bySite.set(siteId, { limit, timeZone, shares });
    }
  }

  #sharesOf(agentId: AgentId): LimitShares<AgentId> | undefined {
    return this.#bySite.get(this.#siteOfServer.get(agentId) ?? '')?.shares;
  }
}
