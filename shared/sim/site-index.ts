import type { Cidr } from '../base/ipv4.ts';
import { cidrContains, formatCidr } from '../base/ipv4.ts';
import type { AgentConfiguration } from '../contracts/agent-api.ts';
import type { Computer, SimulatedSite, SimulatedSubnet } from './computer.ts';
import type { World } from './world.ts';

interface SiteFacts {
  readonly parent: string | null;
  /** The same object for every agent of the site. */
  readonly told: Omit<NonNullable<AgentConfiguration['site']>, 'hasPackageServer'>;
}

/** What the simulated server looks up for every agent, so that nothing of it grows with the number of computers. */
export class SiteIndex {
  readonly #world: World;
  readonly #sites = new Map<string, SiteFacts>();
  readonly #packageServers = new Map<string, Computer[]>();
  #countedMoves = -1;

  constructor(world: World) {
    this.#world = world;
    for (const subnet of world.subnets) {
      if (!this.#sites.has(subnet.site.name)) this.#sites.set(subnet.site.name, this.#factsOf(subnet));
    }
  }

  /** Null = at the top. */
  parentOf(siteName: string): string | null {
    return this.#sites.get(siteName)?.parent ?? null;
  }

  packageServersOf(siteName: string): readonly Computer[] {
    if (this.#countedMoves !== this.#world.movedPackageServers) this.#countPackageServers();
    return this.#packageServers.get(siteName) ?? [];
  }

  toldOf(site: SimulatedSite): AgentConfiguration['site'] {
    const facts = this.#sites.get(site.name);
    if (facts === undefined) return null;
    return { ...facts.told, hasPackageServer: this.packageServersOf(site.name).length > 0 };
  }

  /** Computers with an address in there. */
  *computersIn(cidr: Cidr): Iterable<Computer> {
    for (const subnet of this.#world.subnets) {
      const mayBeIn = cidrContains(cidr, subnet.cidr.network) || cidrContains(subnet.cidr, cidr.network);
      if (!mayBeIn) continue;
      for (const computer of subnet.computers) if (cidrContains(cidr, computer.address)) yield computer;
    }
  }

  #factsOf({ site, parent }: SimulatedSubnet): SiteFacts {
    const { name, subnets, locationType } = site;
    return {
      parent: parent === null ? null : (this.#world.subnets[parent]?.site.name ?? null),
      told: {
        id: name,
        name,
        subnets: subnets.map(formatCidr),
        wanKilobitsPerSecond: 0,
        locationType,
        sharesLan: true,
      },
    };
  }

  #countPackageServers(): void {
    this.#countedMoves = this.#world.movedPackageServers;
    this.#packageServers.clear();
    for (const { site, computers } of this.#world.subnets) {
      const known = this.#packageServers.get(site.name) ?? [];
      this.#packageServers.set(site.name, known);
      for (const computer of computers) if (computer.isPackageServer) known.push(computer);
    }
  }
}
