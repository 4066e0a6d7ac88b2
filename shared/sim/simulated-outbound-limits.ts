import type { AgentId } from '../base/ids.ts';
import { bytesPerSecondOfKilobytes } from '../base/units.ts';
import { LimitShares } from '../server/limit-shares.ts';
import type { Computer } from './computer.ts';
import type { World } from './world.ts';

const tickEveryUs = 1_000_000;

/** The limits on what leaves the sites, as the Notification Server divides them among the Package Servers of each. */
export class SimulatedOutboundLimits {
  readonly #world: World;
  readonly #tell: (computer: Computer, bytesPerSecond: number) => void;
  readonly #bySite = new Map<string, LimitShares<AgentId>>();

  constructor(world: World, tell: (computer: Computer, bytesPerSecond: number) => void) {
    this.#world = world;
    this.#tell = tell;
    for (const { site } of world.subnets) {
      if (site.outboundKilobytesPerSecond === 0 || this.#bySite.has(site.name)) continue;
      const servers = world.computers.filter((computer) => computer.isPackageServer && computer.subnet.site === site);
      const limit = bytesPerSecondOfKilobytes(site.outboundKilobytesPerSecond);
      const ids = servers.map(({ agentId }) => agentId);
      this.#bySite.set(site.name, new LimitShares(limit, ids, 0));
    }
    if (this.#bySite.size > 0) this.#tickLater();
  }

  connected({ agentId, subnet }: Computer): void {
    this.#bySite.get(subnet.site.name)?.connected(agentId, this.#world.time.nowMs);
  }

  disconnected({ agentId, subnet }: Computer): void {
    this.#bySite.get(subnet.site.name)?.disconnected(agentId);
  }

  used({ agentId, subnet }: Computer): void {
    this.#bySite.get(subnet.site.name)?.used(agentId, this.#world.time.nowMs);
  }

  #tickLater(): void {
    this.#world.time.after(tickEveryUs, () => {
      for (const shares of this.#bySite.values()) {
        for (const { source, bytesPerSecond } of shares.tick(this.#world.time.nowMs)) {
          const computer = this.#world.computers.find(({ agentId }) => agentId === source);
          if (computer !== undefined) this.#tell(computer, bytesPerSecond);
        }
      }
      this.#tickLater();
    });
  }
}
