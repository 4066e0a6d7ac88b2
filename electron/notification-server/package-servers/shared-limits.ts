import type { AgentId } from '../../../shared/base/ids.ts';
import type { FeedToAgent, InboundShare } from '../../../shared/contracts/agent-feed.ts';
import { maximumInboundShares } from '../../../shared/contracts/agent-feed.ts';
import type { ToldLimitShare } from '../../../shared/server/divided-limits.ts';
import type { AgentFeeds } from '../agents/agent-feeds.ts';
import type { FeedEvents } from '../agents/feed-events.ts';
import type { Organisation } from '../organisation.ts';
import type { SiteLimits } from '../traffic/site-limits.ts';
import type { PackageServers } from './package-servers.ts';
import { SiteLimitShares } from './site-limit-shares.ts';
import type { Sender } from './site-senders.ts';

export interface SharedLimitsParts {
  readonly organisation: Organisation;
  readonly packageServers: PackageServers;
  readonly feeds: AgentFeeds;
  readonly feedEvents: FeedEvents;
  /** What this server sends itself. */
  readonly limits: SiteLimits;
  readonly now: () => number;
}

/** How long ago something may have been sent to count as use: more than the time between two looks. */
const usedWithinMs = 2000;

/** What leaves the sites is divided among their Package Servers, what enters them among all that send into them. */
export class SharedLimits {
  readonly #parts: SharedLimitsParts;
  readonly #outbound: SiteLimitShares<AgentId>;
  readonly #inbound: SiteLimitShares<Sender>;

  constructor(parts: SharedLimitsParts) {
    this.#parts = parts;
    const { organisation, packageServers, feeds, feedEvents, now } = parts;
    this.#outbound = new SiteLimitShares<AgentId>({
      organisation,
      limits: () => packageServers.outboundLimits(),
      isOnline: (agentId) => feeds.isOnline(agentId),
      tell: (told) => {
        for (const { source, bytesPerSecond } of told) {
          feeds.send(source, { kind: 'outbound-share', bytesPerSecond: toldRate(bytesPerSecond) });
        }
      },
      now,
    });
    this.#inbound = new SiteLimitShares<Sender>({
      organisation,
      limits: () => this.#inboundLimits(),
      isOnline: (sender) => sender === 'notification-server' || feeds.isOnline(sender),
      tell: (told) => this.#tellInbound(told),
      now,
    });
    feedEvents.onConnected(({ agentId }) => {
      this.#outbound.connected(agentId);
      this.#inbound.connected(agentId);
    });
    feedEvents.onDisconnected(({ agentId }) => {
      this.#outbound.disconnected(agentId);
      this.#inbound.disconnected(agentId);
    });
    feedEvents.onLimitUse(({ agentId }, siteId) => {
      if (siteId === null) this.#outbound.used(agentId, null);
      // Only who sends into the site has a share of its limit.
      else this.#inbound.used(agentId, siteId);
    });
  }

  /** To be called every second, and when sites or Package Servers are others. */
  tick(): void {
    this.#outbound.tick();
    for (const { siteId } of this.#inbound.limits) {
      if (this.#parts.limits.wasUsedWithin(siteId, usedWithinMs)) this.#inbound.noteUse('notification-server', siteId);
    }
    this.#inbound.tick();
  }

  #inboundLimits() {
    const limits = this.#parts.packageServers.senders.sharedLimits();
    this.#parts.limits.setShared(new Set(limits.map(({ siteId }) => siteId)));
    return limits;
  }

  #tellInbound(told: readonly ToldLimitShare<Sender>[]): void {
    const bySender = new Map<AgentId, InboundShare[]>();
    for (const { source, id, bytesPerSecond } of told) {
      if (source === 'notification-server') {
        this.#parts.limits.setShare(id, bytesPerSecond);
        continue;
      }
      const share = { siteId: id, bytesPerSecond: toldRate(bytesPerSecond) };
      const known = bySender.get(source);
      if (known === undefined) bySender.set(source, [share]);
      else known.push(share);
    }
    for (const [agentId, shares] of bySender) {
      for (let at = 0; at < shares.length; at += maximumInboundShares) {
        const message: FeedToAgent = { kind: 'inbound-shares', shares: shares.slice(at, at + maximumInboundShares) };
        this.#parts.feeds.send(agentId, message);
      }
    }
  }
}

/** Null = unlimited. */
function toldRate(bytesPerSecond: number): number | null {
  return bytesPerSecond === Number.POSITIVE_INFINITY ? null : bytesPerSecond;
}
