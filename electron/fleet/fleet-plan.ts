import { networkInterfaces } from 'node:os';
import {
  broadcastOf,
  cidrContains,
  cidrOf,
  formatCidr,
  formatIpv4,
  isLoopback,
  parseCidr,
  parseIpv4,
} from '../../shared/base/ipv4.ts';
import type { Result } from '../../shared/base/result.ts';
import { err, ok } from '../../shared/base/result.ts';
import type { FleetPlan, PlannedAgent } from '../../shared/contracts/fleet.ts';
import { fleetPlanSchema } from '../../shared/contracts/fleet.ts';

export const defaultFleetPort = 27801;
export const defaultAgentsPerWorker = 8;
/** Host numbers 1–254 of a /24. */
const maxAgentsPerSubnet = 254;

/** What every plan needs to know. */
export interface PlanRequest {
  readonly subnets: number;
  /** In all subnets together; the first ones get one more where it does not divide. */
  readonly agents: number;
  /** Own port of the agents, and where broadcasts are heard. 27801 by default. */
  readonly port?: number;
  /** Into each subnet, 1,000 bit/s; 0 = unlimited, the default. */
  readonly wanKilobitsPerSecond?: number;
  readonly agentsPerWorker?: number;
}

export interface LoopbackPlanRequest extends PlanRequest {
  /** y of the first subnet's 127.x.y.0/24 counts from 1; x is this (77 by default), so that fleets can avoid each other. */
  readonly secondOctet?: number;
}

/**
 * One 127.x.y.0/24 per subnet and one address per agent; all agents have the same port.
 * Needs a system where all of 127.0.0.0/8 is there (`hasWholeLoopback`).
 */
export function loopbackPlan(request: LoopbackPlanRequest): Result<FleetPlan, string> {
  const problem = requestProblem(request, maxAgentsPerSubnet);
  if (problem !== null) return err(problem);
  const port = request.port ?? defaultFleetPort;
  const second = request.secondOctet ?? 77;
  const subnets = agentsPerSubnet(request).map((agents, index) => ({
    subnet: `127.${second}.${index + 1}.0/24`,
    agents: Array.from({ length: agents }, (_, host) => ({
      address: `127.${second}.${index + 1}.${host + 1}`,
      port,
      hearingPort: port,
    })),
  }));
  return checkedPlan('loopback', 24, subnets, request);
}

/**
 * Everybody at 127.0.0.1, one port each above the hearing port: for systems whose loopback has one address only. There is one
 * subnet then, because a subnet is told from an address.
 */
export function singleAddressPlan(request: PlanRequest): Result<FleetPlan, string> {
  if (request.subnets !== 1) {
    return err('This system has only the loopback address 127.0.0.1, so a fleet can have one subnet only.');
  }
  return oneAddressPlan('loopback', '127.0.0.1', 24, request);
}

/** All agents at the address of a network card, one port each above the hearing port, in the subnet of that card. */
export function networkCardPlan(
  card: { readonly address: string; readonly prefixLength: number },
  request: Omit<PlanRequest, 'subnets'>,
): Result<FleetPlan, string> {
  const address = parseIpv4(card.address);
  if (address === null) return err(`"${card.address}" is not an IPv4 address such as 10.1.2.3.`);
  if (isLoopback(address)) return err(`${card.address} is a loopback address, not one of a network card.`);
  return oneAddressPlan('network-card', card.address, card.prefixLength, { ...request, subnets: 1 });
}

/** The address and prefix length of a network card of this computer, found by its name or its IPv4 address. */
export function findNetworkCard(nameOrAddress: string): Result<{ address: string; prefixLength: number }, string> {
  const found = networkCards().find((card) => card.name === nameOrAddress || card.address === nameOrAddress);
  if (found !== undefined) return ok({ address: found.address, prefixLength: found.prefixLength });
  const known = networkCards().map((card) => `${card.name} (${card.address})`);
  return err(
    `This computer has no network card "${nameOrAddress}". ${known.length === 0 ? 'It has none with an IPv4 address.' : `It has ${known.join(', ')}.`}`,
  );
}

function networkCards(): { name: string; address: string; prefixLength: number }[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter((entry) => entry.family === 'IPv4' && !entry.internal && entry.cidr !== null)
      .map((entry) => ({ name, address: entry.address, prefixLength: Number(entry.cidr?.split('/')[1]) })),
  );
}

function oneAddressPlan(
  kind: FleetPlan['interfaceKind'],
  address: string,
  prefixLength: number,
  request: PlanRequest,
): Result<FleetPlan, string> {
  const problem = requestProblem(request, 512);
  if (problem !== null) return err(problem);
  const hearingPort = request.port ?? defaultFleetPort;
  if (hearingPort + request.agents > 65535) {
    return err(`Ports ${hearingPort + 1}–${hearingPort + request.agents} would be needed, but 65535 is the last one.`);
  }
  const agents = Array.from({ length: request.agents }, (_, index) => ({
    address,
    port: hearingPort + 1 + index,
    hearingPort,
  }));
  const subnet = formatCidr(cidrOf(parseIpv4(address) ?? 0, prefixLength));
  return checkedPlan(kind, prefixLength, [{ subnet, agents }], request);
}

function requestProblem(request: PlanRequest, maxPerSubnet: number): string | null {
  if (!Number.isInteger(request.subnets) || request.subnets < 1 || request.subnets > 64) {
    return 'A fleet has 1 to 64 subnets.';
  }
  if (!Number.isInteger(request.agents) || request.agents < request.subnets) {
    return 'A fleet needs at least one agent in each subnet.';
  }
  if (Math.ceil(request.agents / request.subnets) > maxPerSubnet) {
    return `A subnet of this fleet can have ${maxPerSubnet} agents at most.`;
  }
  return null;
}

/** As even as possible, larger ones first. */
function agentsPerSubnet(request: PlanRequest): number[] {
  const base = Math.floor(request.agents / request.subnets);
  const larger = request.agents % request.subnets;
  return Array.from({ length: request.subnets }, (_, index) => (index < larger ? base + 1 : base));
}

function checkedPlan(
  interfaceKind: FleetPlan['interfaceKind'],
  prefixLength: number,
  subnets: readonly { subnet: string; agents: readonly Pick<PlannedAgent, 'address' | 'port' | 'hearingPort'>[] }[],
  request: PlanRequest,
): Result<FleetPlan, string> {
  return parseFleetPlan({
    interfaceKind,
    subnets: subnets.map(({ subnet, agents }, index) => {
      const letter = subnetLetters(index);
      return {
        name: `Subnet ${letter.toUpperCase()}`,
        subnet,
        wanKilobitsPerSecond: request.wanKilobitsPerSecond ?? 0,
        agents: agents.map((agent, number) => ({
          ...agent,
          name: `${letter}-${String(number + 1).padStart(2, '0')}`,
          prefixLength,
        })),
      };
    }),
    agentsPerWorker: request.agentsPerWorker ?? defaultAgentsPerWorker,
  });
}

/** a … z, then aa, ab …: 64 subnets at most. */
function subnetLetters(index: number): string {
  const letter = String.fromCharCode(97 + (index % 26));
  return index < 26 ? letter : subnetLetters(Math.floor(index / 26) - 1) + letter;
}

/** A plan from outside (a file, an option): the contract, and what it cannot say. The error is a sentence for people. */
export function parseFleetPlan(input: unknown): Result<FleetPlan, string> {
  const parsed = fleetPlanSchema.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return err(`The fleet plan is not valid: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
  }
  const problem = planProblem(parsed.data);
  return problem === null ? ok(parsed.data) : err(`The fleet plan is not valid: ${problem}`);
}

function planProblem(plan: FleetPlan): string | null {
  const names = new Set<string>();
  const sockets = new Set<string>();
  for (const { subnet, agents } of plan.subnets) {
    const cidr = parseCidr(subnet);
    for (const agent of agents) {
      const address = parseIpv4(agent.address);
      if (cidr === null || address === null) return `${subnet} and ${agent.address} do not fit together.`;
      if (!cidrContains(cidr, address)) return `${agent.address} of ${agent.name} is outside ${subnet}.`;
      if (cidr.prefixLength !== agent.prefixLength) return `${agent.name} has another prefix length than ${subnet}.`;
      if (address === cidr.network || address === broadcastOf(cidr)) {
        return `${formatIpv4(address)} of ${agent.name} is the network or broadcast address of ${subnet}.`;
      }
      if (isLoopback(address) !== (plan.interfaceKind === 'loopback')) {
        return `${agent.address} of ${agent.name} does not belong to a ${plan.interfaceKind} fleet.`;
      }
      if (names.has(agent.name)) return `two agents are called ${agent.name}.`;
      names.add(agent.name);
      const socket = `${agent.address}:${agent.port}`;
      if (sockets.has(socket)) return `two agents have ${socket}.`;
      sockets.add(socket);
    }
  }
  return null;
}
