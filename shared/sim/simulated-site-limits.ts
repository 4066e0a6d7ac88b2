import { RateDivider } from '../agent/rate-divider.ts';
import type { AgentId } from '../base/ids.ts';
import { bytesPerSecondOfKilobytes } from '../base/units.ts';
import type { FeedToCore } from '../contracts/agent-feed.ts';
import { sitesUpward } from '../server/codebase-selection.ts';
import { DividedLimits } from '../server/divided-limits.ts';
import type { BlockSending } from './block-sending.ts';
import type { Computer, SimulatedSite } from './computer.ts';
import type { World } from './world.ts';

const tickEveryUs = 1_000_000;

type Sender = AgentId | 'notification-server';

/** What the Notification Server itself sends into one site. */
interface OwnSending {
  bytesPerSecond: number;
  nextId: number;
  readonly byId: Map<number, BlockSending>;
  readonly rates: RateDivider<number>;
}

/** The limits on what leaves and enters the sites, as the Notification Server divides them among those that send. */
export class SimulatedSiteLimits {
  readonly sitesWithInboundLimit: readonly SimulatedSite[];
  readonly #sitesWithOutboundLimit: readonly SimulatedSite[];
  readonly #world: World;
  readonly #tell: (computer: Computer, message: FeedToCore) => void;
  readonly #outbound = new DividedLimits<AgentId>();
  readonly #inbound = new DividedLimits<Sender>();
  readonly #own = new Map<string, OwnSending>();

  constructor(world: World, tell: (computer: Computer, message: FeedToCore) => void) {
    this.#world = world;
    this.#tell = tell;
    const sites = [...new Set(world.subnets.map(({ site }) => site))];
    this.#sitesWithOutboundLimit = sites.filter(({ outboundKilobytesPerSecond }) => outboundKilobytesPerSecond > 0);
    this.sitesWithInboundLimit = sites.filter(({ inboundKilobytesPerSecond }) => inboundKilobytesPerSecond > 0);
    for (const { name } of this.sitesWithInboundLimit) this.#own.set(name, ownSending());
    if (!this.#hasLimits) return;
    this.#setSources(() => false);
    this.#tick();
    this.#tickLater();
  }

  /** A Package Server is in another site now: it sends under other limits. */
  moved(isOnline: (computer: AgentId) => boolean): void {
    if (this.#hasLimits) this.#setSources(isOnline);
  }

  connected({ agentId }: Computer): void {
    this.#outbound.connected(agentId, this.#world.time.nowMs);
    this.#inbound.connected(agentId, this.#world.time.nowMs);
  }

  disconnected({ agentId }: Computer): void {
    this.#outbound.disconnected(agentId);
    this.#inbound.disconnected(agentId);
  }

  /** Null = the limit on what leaves its own site. */
  used({ agentId }: Computer, siteId: string | null): void {
    if (siteId === null) this.#outbound.used(agentId, null, this.#world.time.nowMs);
    else this.#inbound.used(agentId, siteId, this.#world.time.nowMs);
  }

  /** Whether the Notification Server may send something into the site now; it would, in any case. */
  mayBegin({ name }: SimulatedSite): boolean {
    const own = this.#own.get(name);
    if (own === undefined) return true;
    this.#inbound.used('notification-server', name, this.#world.time.nowMs);
    return own.bytesPerSecond >= 1;
  }

  /** A block begins to enter the site; returns what is to be called at its end. */
  begun({ name }: SimulatedSite, sending: BlockSending): () => void {
    const own = this.#own.get(name);
    if (own === undefined) return () => undefined;
    const id = own.nextId++;
    own.byId.set(id, sending);
    sending.setSenderRate(own.rates.add(id));
    return () => {
      own.byId.delete(id);
      own.rates.remove(id);
    };
  }

  get #hasLimits(): boolean {
    return this.#sitesWithOutboundLimit.length + this.sitesWithInboundLimit.length > 0;
  }

  #setSources(isOnline: (computer: AgentId) => boolean): void {
    const world = this.#world;
    const { nowMs } = world.time;
    const outbound = this.#sitesWithOutboundLimit.map(({ name, outboundKilobytesPerSecond }) => ({
      id: name,
      bytesPerSecond: bytesPerSecondOfKilobytes(outboundKilobytesPerSecond),
      sources: serversOf(world, [name]),
    }));
    const inbound = this.sitesWithInboundLimit.map(({ name, inboundKilobytesPerSecond }) => ({
      id: name,
      bytesPerSecond: bytesPerSecondOfKilobytes(inboundKilobytesPerSecond),
      sources: ['notification-server' as const, ...serversOf(world, sitesAbove(world, name))],
    }));
    this.#outbound.setLimits(outbound, isOnline, nowMs);
    this.#inbound.setLimits(inbound, (sender) => sender === 'notification-server' || isOnline(sender), nowMs);
  }

  #tick(): void {
    const { nowMs } = this.#world.time;
    for (const [site, { byId }] of this.#own) {
      if (byId.size > 0) this.#inbound.used('notification-server', site, nowMs);
    }
    for (const { source, bytesPerSecond } of this.#outbound.tick(nowMs)) {
      this.#tellServer(source, { kind: 'outbound-share', bytesPerSecond });
    }
    for (const { id, source, bytesPerSecond } of this.#inbound.tick(nowMs)) {
      if (source === 'notification-server') this.#takeOwn(id, bytesPerSecond);
      else this.#tellServer(source, { kind: 'inbound-shares', shares: [{ siteId: id, bytesPerSecond }] });
    }
  }

  #takeOwn(site: string, bytesPerSecond: number): void {
    const own = this.#own.get(site);
    if (own === undefined) return;
    own.bytesPerSecond = bytesPerSecond;
    if (bytesPerSecond >= 1) own.rates.setLimit(bytesPerSecond);
  }

  #tellServer(agentId: AgentId, message: FeedToCore): void {
    const computer = this.#world.computers.find((other) => other.agentId === agentId);
    if (computer !== undefined) this.#tell(computer, message);
  }

  #tickLater(): void {
    this.#world.time.after(tickEveryUs, () => {
      this.#tick();
      this.#tickLater();
    });
  }
}

function ownSending(): OwnSending {
  const byId = new Map<number, BlockSending>();
  const rates = new RateDivider<number>((id, bytesPerSecond) => byId.get(id)?.setSenderRate(bytesPerSecond));
  return { bytesPerSecond: 0, nextId: 1, byId, rates };
}

/** Names of the site's parents, nearest first. */
export function sitesAbove(world: World, siteName: string): string[] {
  return sitesUpward(siteName, { parentOf: (siteId) => parentOf(world, siteId) }).slice(1);
}

/** Null = at the top. */
function parentOf({ subnets }: World, siteName: string): string | null {
  const parent = subnets.find(({ site }) => site.name === siteName)?.parent ?? null;
  return parent === null ? null : (subnets[parent]?.site.name ?? null);
}

function serversOf(world: World, siteNames: readonly string[]): AgentId[] {
  return world.computers
    .filter(({ isPackageServer, subnet }) => isPackageServer && siteNames.includes(subnet.site.name))
    .map(({ agentId }) => agentId);
}
