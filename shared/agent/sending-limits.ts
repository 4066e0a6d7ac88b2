import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Cidr, Ipv4 } from '../base/ipv4.ts';
import { cidrContains, parseCidr } from '../base/ipv4.ts';
import { SubnetTable } from '../base/subnet-table.ts';
import type { InboundShare } from '../contracts/agent-feed.ts';
import type { AgentContext } from './agent-context.ts';
import type { AgentPorts, ServerPort } from './ports.ts';
import type { SharedLimitContext } from './shared-limit.ts';
import { SharedLimit } from './shared-limit.ts';

/** As the contract of the role says of sites that it names; what the feed tells of others is forgotten. */
const maximumInboundLimits = 4096;

/** What it takes from the agent. */
export type SendingLimitsContext = SharedLimitContext &
  Pick<AgentContext, 'packageServer'> & {
    readonly ports: Pick<AgentPorts, 'clock'> & {
      readonly server: Pick<ServerPort, 'tellOutboundUse' | 'tellInboundUse'>;
    };
  };

export interface Asker {
  readonly peer: AgentId;
  readonly address: Ipv4;
}

/**
 * The limits of sites that a Package Server sends under: on what leaves its own, and on what enters each site below. Others
 * send under them too, so that the Notification Server tells the shares.
 */
export class SendingLimits {
  readonly outbound: SharedLimit;
  readonly #context: SendingLimitsContext;
  readonly #rateChanged: (requestId: number, limit: SharedLimit, bytesPerSecond: number) => void;
  /** By site: also those of which the feed tells before the configuration does. */
  readonly #inbound = new Map<string, SharedLimit>();
  #ownSubnets: readonly Cidr[] = [];
  #inboundSites = new SubnetTable<string>([]);
  #beyondOutbound: ReadonlySet<PackageKey> = new Set();
  #beyondInbound: ReadonlySet<PackageKey> = new Set();

  constructor(
    context: SendingLimitsContext,
    rateChanged: (requestId: number, limit: SharedLimit, bytesPerSecond: number) => void,
  ) {
    this.#context = context;
    this.#rateChanged = rateChanged;
    this.outbound = this.#limit('outbound', () => context.ports.server.tellOutboundUse());
  }

  configure(): void {
    const { outbound = null, inbound = null } = this.#context.packageServer ?? {};
    this.#ownSubnets = (outbound?.subnets ?? []).flatMap((text) => parseCidr(text) ?? []);
    this.#beyondOutbound = new Set(outbound?.beyondLimits);
    if (outbound === null) this.outbound.forget();
    this.#inboundSites = new SubnetTable((inbound?.sites ?? []).map(({ siteId, subnets }) => [siteId, subnets]));
    this.#beyondInbound = new Set(inbound?.beyondLimits);
    const named = new Set(inbound?.sites.map(({ siteId }) => siteId));
    for (const [siteId, limit] of this.#inbound) {
      if (this.#context.packageServer === null) limit.forget();
      if (!named.has(siteId) && !limit.isAlive) this.#inbound.delete(siteId);
    }
  }

  toldInbound(shares: readonly InboundShare[]): void {
    for (const { siteId, bytesPerSecond } of shares) this.#inboundOf(siteId)?.told(bytesPerSecond);
  }

  /** Those that what this agent gets of the package comes under; null where nothing may be sent to it. */
  limitsFor({ address }: Pick<Asker, 'address'>, key: PackageKey): readonly SharedLimit[] | null {
    const limits: SharedLimit[] = [];
    const siteId = this.#beyondInbound.has(key) ? null : (this.#inboundSites.find(address)?.value ?? null);
    if (siteId !== null) {
      const inbound = this.#inboundOf(siteId);
      if (inbound === null) return null;
      limits.push(inbound);
    }
    if (this.#isOutbound(address, key)) limits.push(this.outbound);
    return limits;
  }

  #isOutbound(address: Ipv4, key: PackageKey): boolean {
    if ((this.#context.packageServer?.outbound ?? null) === null || this.#beyondOutbound.has(key)) return false;
    return !this.#ownSubnets.some((subnet) => cidrContains(subnet, address));
  }

  /** Null where there are too many. */
  #inboundOf(siteId: string): SharedLimit | null {
    const known = this.#inbound.get(siteId);
    if (known !== undefined) return known;
    if (this.#inbound.size >= maximumInboundLimits) return null;
    const limit = this.#limit(`into ${siteId}`, () => this.#context.ports.server.tellInboundUse(siteId));
    this.#inbound.set(siteId, limit);
    return limit;
  }

  #limit(paceGroup: string, tellUse: () => void): SharedLimit {
    const limit: SharedLimit = new SharedLimit(paceGroup, this.#context, {
      rateChanged: (requestId, bytesPerSecond) => this.#rateChanged(requestId, limit, bytesPerSecond),
      tellUse,
    });
    return limit;
  }
}
