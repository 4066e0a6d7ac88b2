import { assert } from '../base/assert.ts';
import type { AgentId } from '../base/ids.ts';
import { cidrOf } from '../base/ipv4.ts';
import { Xoshiro128 } from '../base/prng.ts';
import { serverLink } from './block-sending.ts';
import { BroadcastDomain } from './broadcast-domain.ts';
import type { SimulatedSite, SimulatedSubnet } from './computer.ts';
import { Computer } from './computer.ts';
import type { SimulationPlan, SubnetPlan } from './simulation-plan.ts';
import { defaultNetwork, defaultWanGoodput, gigabitGoodput } from './simulation-plan.ts';
import { World } from './world.ts';

/** Subnet number i is 10.0.0.0 + i × 1,024, a /22. */
const firstNetwork = 0x0a000000;
const prefixLength = 22;
const addressesPerSubnet = 1024;
const maxAgentsPerSubnet = 1000;
const agentPort = 27801;

/** Lays the links and puts up the computers of a plan; no agent runs yet. */
export function buildWorld(seed: number, plan: SimulationPlan): World {
  const world = new World(seed, { ...defaultNetwork, ...plan.network });
  const made = world.flows.addLink(world.network.serverBytesPerSecond);
  assert(made === serverLink, "the server's link comes first");
  const ids = new Xoshiro128((seed ^ 0x1d5) >>> 0);
  plan.subnets.forEach((subnetPlan, index) => {
    addSubnet(world, subnetPlan, index, ids);
  });
  return world;
}

/** The site of that name, where an earlier subnet has made it. */
function siteOf(world: World, plan: SubnetPlan, index: number): SimulatedSite {
  const name = plan.site ?? `Site ${index}`;
  const known = world.subnets.find(({ site }) => site.name === name);
  return (
    known?.site ?? {
      name,
      locationType: plan.locationType ?? 'office',
      outboundKilobytesPerSecond: plan.outboundKilobytesPerSecond ?? 0,
      inboundKilobytesPerSecond: plan.inboundKilobytesPerSecond ?? 0,
      subnets: [],
    }
  );
}

function addSubnet(world: World, plan: SubnetPlan, index: number, ids: Xoshiro128): void {
  assert(plan.agents >= 1 && plan.agents <= maxAgentsPerSubnet, `${plan.agents} agents in a subnet`);
  const shownNumber = plan.number ?? index;
  const sharing = plan.wanLinkOf === undefined ? undefined : world.subnets[plan.wanLinkOf];
  const subnet: SimulatedSubnet = {
    index,
    cidr: cidrOf(firstNetwork + shownNumber * addressesPerSubnet, prefixLength),
    wanLink: sharing?.wanLink ?? world.flows.addLink(plan.wanBytesPerSecond ?? defaultWanGoodput),
    wanOutLink: sharing?.wanOutLink ?? world.flows.addLink(plan.wanOutBytesPerSecond ?? Number.POSITIVE_INFINITY),
    parent: plan.parent ?? null,
    utcOffsetMinutes: plan.utcOffsetMinutes ?? 0,
    site: siteOf(world, plan, index),
    computers: [],
    domain: new BroadcastDomain(),
    isWanCut: false,
  };
  subnet.site.subnets.push(subnet.cidr);
  world.subnets.push(subnet);
  for (let number = 0; number < plan.agents; number++) {
    const special = plan.special?.[number];
    const computer = new Computer({
      index: world.computers.length,
      subnet,
      agentId: randomAgentId(ids),
      name: `s${shownNumber}-a${number}`,
      address: subnet.cidr.network + 1 + number,
      port: agentPort,
      uplink: world.flows.addLink(special?.uploadBytesPerSecond ?? plan.uploadBytesPerSecond ?? gigabitGoodput),
      downlink: world.flows.addLink(special?.downloadBytesPerSecond ?? plan.downloadBytesPerSecond ?? gigabitGoodput),
      wanDownlink: world.flows.addLink(Number.POSITIVE_INFINITY),
      ownSettings: special?.settings ?? {},
      packageServerUpload: plan.packageServerUpload ?? 0,
      isPackageServer: plan.packageServers?.includes(number) ?? false,
    });
    if (special?.diskBytes !== undefined) computer.disk.sizeBytes = special.diskBytes;
    if (special?.commands !== undefined) computer.commands = special.commands;
    if (special?.forbidsExecution === true) computer.allowsExecution = false;
    world.addComputer(computer);
  }
}

function randomAgentId(random: Xoshiro128): AgentId {
  let id = '';
  for (let digit = 0; digit < 32; digit++) id += random.below(16).toString(16);
  return id as AgentId;
}
