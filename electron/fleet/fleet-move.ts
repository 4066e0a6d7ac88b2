import type { Ipv4 } from '../../shared/base/ipv4.ts';
import { broadcastOf, formatIpv4, parseCidr } from '../../shared/base/ipv4.ts';
import type { Result } from '../../shared/base/result.ts';
import { err, ok } from '../../shared/base/result.ts';
import type { FleetPlan, PlannedAgent } from '../../shared/contracts/fleet.ts';

/** A plan with one agent at another place. */
export interface PlannedMove {
  readonly plan: FleetPlan;
  readonly agent: PlannedAgent;
  readonly from: string;
  readonly to: string;
}

/**
 * Gives an agent of the plan the first free address of another subnet of the plan; name and folder stay, and with them its
 * identity and its packages. `isFree`: nobody listens there. The error is a sentence that says what to do.
 */
export async function planMove(
  plan: FleetPlan,
  agentName: string,
  to: string,
  isFree: (address: string, port: number) => Promise<boolean>,
): Promise<Result<PlannedMove, string>> {
  const source = plan.subnets.find(({ agents }) => agents.some(({ name }) => name === agentName));
  const target = plan.subnets.find(({ subnet }) => subnet === to);
  const before = source?.agents.find(({ name }) => name === agentName);
  if (source === undefined || before === undefined) return err(`${agentName} is not in the plan of this fleet.`);
  if (plan.subnets.length === 1) return err('This fleet has one subnet only. Start one with several to move agents.');
  if (target === undefined) {
    const known = plan.subnets.map(({ subnet }) => subnet).join(', ');
    return err(`${to} is not a subnet of this fleet. Choose one of ${known}.`);
  }
  if (source === target) return err(`${agentName} is in ${to} already. Choose another subnet.`);
  const address = await freeAddress(target, before.port, isFree);
  if (address === null) return err(`${to} has no free address. Choose another subnet.`);
  const { prefixLength } = parseCidr(to) ?? before;
  const agent: PlannedAgent = { ...before, address, prefixLength, hearingPort: hearingPortOf(target, before) };
  const subnets = plan.subnets.map((subnet) => {
    if (subnet === source) return { ...subnet, agents: subnet.agents.filter((other) => other !== before) };
    return subnet === target ? { ...subnet, agents: [...subnet.agents, agent] } : subnet;
  });
  return ok({ plan: { ...plan, subnets }, agent, from: source.subnet, to });
}

type PlannedSubnet = FleetPlan['subnets'][number];

/** Whoever lives there hears at one port. */
function hearingPortOf({ agents }: PlannedSubnet, mover: PlannedAgent): number {
  return agents[0]?.hearingPort ?? mover.hearingPort;
}

async function freeAddress(
  { subnet, agents }: PlannedSubnet,
  port: number,
  isFree: (address: string, port: number) => Promise<boolean>,
): Promise<string | null> {
  const cidr = parseCidr(subnet);
  if (cidr === null) return null;
  const taken = new Set(agents.map(({ address }) => address));
  for (let host: Ipv4 = cidr.network + 1; host < broadcastOf(cidr); host++) {
    const address = formatIpv4(host);
    if (!taken.has(address) && (await isFree(address, port))) return address;
  }
  return null;
}
