import { z } from 'zod';
import { locationTypeSchema } from './conditions.ts';
import { journalReasonSchema } from './journal.ts';
import { byteCountSchema } from './primitives.ts';
import { agentSettingsSchema } from './settings.ts';
import { maximumSites } from './sites-api.ts';

/** What-if: a rollout in a model of the organisation, by the agents' own code in virtual time. */

export const maximumSimulatedAgents = 200_000;
/** What the preview beside the policy editor simulates at most. */
export const previewAgentBound = 5000;
export const maximumCurvePoints = 200;
const maximumSubnetsPerSite = 256;

function integer(minimum: number, maximum: number) {
  const range = `Enter a whole number from ${minimum} to ${maximum.toLocaleString('en-US')}.`;
  return z.number({ error: range }).int(range).min(minimum, range).max(maximum, range);
}

/** Who has Package Servers: regions and branches, regions alone (peers serve the branches), or nobody. */
export const packageServerPlacements = ['branches', 'regions', 'none'] as const;
export type PackageServerPlacement = (typeof packageServerPlacements)[number];

/** `office`: desktops and laptops are on while their people work; Package Servers always are. */
export const onlineHoursKinds = ['always', 'office'] as const;
export type OnlineHours = (typeof onlineHoursKinds)[number];

export const faultProfiles = [
  'none',
  'reboots',
  'first-downloaders-killed',
  'wan-outages',
  'corrupting-peers',
  'bad-day',
] as const;
export type FaultProfile = (typeof faultProfiles)[number];

/** 1,000 bit/s on the wire: what blocks get of it is 1448/1514. */
const linkSchema = integer(64, 100_000_000);
const utcOffsetMinutesSchema = integer(-720, 840);

/** Regions with branches below them, all alike: a new server has no other picture of its organisation. */
export const generatedOrganisationSchema = z
  .object({
    kind: z.literal('generated'),
    agents: integer(1, maximumSimulatedAgents),
    /** Regions included: the first `regions` sites are those. */
    sites: integer(1, maximumSites),
    /** 0: every site is a branch below the Notification Server. */
    regions: integer(0, maximumSites),
    packageServers: z.enum(packageServerPlacements),
    branchKilobitsPerSecond: linkSchema,
    regionKilobitsPerSecond: linkSchema,
    lanKilobitsPerSecond: linkSchema,
    /** Time zones, which regions have in turn and pass on to their branches. */
    utcOffsetsMinutes: z.array(utcOffsetMinutesSchema).min(1, 'List at least one time zone.').max(24),
    onlineHours: z.enum(onlineHoursKinds),
    /** Of the computers that are no Package Servers; matters in office hours only. */
    laptopPercent: integer(0, 100),
  })
  .superRefine(({ agents, sites, regions, packageServers }, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (agents < sites) refuse('agents', `${sites} sites need at least one agent each: more agents, or fewer sites.`);
    if (regions > sites) refuse('regions', 'Regions are sites as well: there cannot be more of them than sites.');
    if (regions === 0 && packageServers === 'regions') {
      refuse('packageServers', 'Package Servers in regions need at least one region.');
    }
  });
export type GeneratedOrganisation = z.infer<typeof generatedOrganisationSchema>;

/** One site as the Notification Server knows it. */
export const simulatedSiteSchema = z.object({
  name: z.string().min(1).max(64),
  /** Name of the site above; null = below the Notification Server. */
  parent: z.string().min(1).max(64).nullable(),
  locationType: locationTypeSchema,
  utcOffsetMinutes: utcOffsetMinutesSchema,
  /** 1,000 bit/s, 0 = unlimited. */
  wanKilobitsPerSecond: integer(0, 100_000_000),
  /** A very large one becomes several. */
  subnets: z
    .array(z.object({ agents: integer(1, maximumSimulatedAgents) }))
    .min(1, 'A site needs a subnet with agents.')
    .max(maximumSubnetsPerSite),
  /** How many of its agents are Package Servers. */
  packageServers: integer(0, 100),
});
export type SimulatedSiteFacts = z.infer<typeof simulatedSiteSchema>;

export const givenOrganisationSchema = z
  .object({
    kind: z.literal('sites'),
    sites: z.array(simulatedSiteSchema).min(1, 'There is no site with agents to simulate.').max(maximumSites),
    lanKilobitsPerSecond: linkSchema,
    onlineHours: z.enum(onlineHoursKinds),
    laptopPercent: integer(0, 100),
  })
  .superRefine(({ sites }, context) => {
    const refuse = (index: number, message: string) =>
      context.addIssue({ code: 'custom', path: ['sites', index], message });
    const parents = new Map(sites.map(({ name, parent }) => [name, parent]));
    if (parents.size < sites.length) refuse(0, 'Two sites have the same name.');
    sites.forEach(({ name, parent, subnets, packageServers }, index) => {
      if (parent !== null && !parents.has(parent)) refuse(index, `${name} is below ${parent}, which is not there.`);
      else if (isOwnAncestor(name, parents)) refuse(index, `${name} is below itself.`);
      const agents = subnets.reduce((sum, subnet) => sum + subnet.agents, 0);
      if (packageServers > agents)
        refuse(index, `${name} has ${agents} agents: ${packageServers} cannot be Package Servers.`);
    });
    if (agentsOfSites(sites) > maximumSimulatedAgents) {
      refuse(0, `At most ${maximumSimulatedAgents.toLocaleString('en-US')} agents are simulated at once.`);
    }
  });
export type GivenOrganisation = z.infer<typeof givenOrganisationSchema>;

export const simulatedOrganisationSchema = z.discriminatedUnion('kind', [
  generatedOrganisationSchema,
  givenOrganisationSchema,
]);
export type SimulatedOrganisation = z.infer<typeof simulatedOrganisationSchema>;

export function agentsOfSites(sites: readonly SimulatedSiteFacts[]): number {
  return sites.reduce((sum, { subnets }) => sum + subnets.reduce((of, { agents }) => of + agents, 0), 0);
}

function isOwnAncestor(name: string, parents: ReadonlyMap<string, string | null>): boolean {
  const seen = new Set<string>();
  let above = parents.get(name) ?? null;
  while (above !== null && above !== name && !seen.has(above)) {
    seen.add(above);
    above = parents.get(above) ?? null;
  }
  return above === name;
}

export const simulationRequestSchema = z.object({
  organisation: simulatedOrganisationSchema,
  packageMebibytes: integer(1, 10_240),
  priority: z.enum(['background', 'normal', 'emergency']),
  seed: integer(0, 4_294_967_295),
  /** Of the policy that is tried, for every agent; null = what a new server has, with peer downloading on. */
  settings: agentSettingsSchema.nullable(),
  faults: z.enum(faultProfiles),
  /** Whole sites are drawn until no more agents than these are simulated; null = all of them. */
  agentBound: integer(1, maximumSimulatedAgents).nullable(),
  /** Who is not ready when this virtual time is over is counted as not ready. */
  maxVirtualHours: integer(1, 2016),
  /** It ends once so many thousandths of the agents are ready: the last laptop may be on holiday. Missing = 1,000. */
  untilPerThousand: integer(1, 1000).optional(),
});
export type SimulationRequest = z.infer<typeof simulationRequestSchema>;

export const defaultGeneratedOrganisation: GeneratedOrganisation = {
  kind: 'generated',
  agents: 54_000,
  sites: 280,
  regions: 17,
  packageServers: 'branches',
  branchKilobitsPerSecond: 10_000,
  regionKilobitsPerSecond: 100_000,
  lanKilobitsPerSecond: 1_000_000,
  utcOffsetsMinutes: [-300, 60, 480],
  onlineHours: 'always',
  laptopPercent: 30,
};

export const defaultSimulationRequest: SimulationRequest = {
  organisation: defaultGeneratedOrganisation,
  packageMebibytes: 70,
  priority: 'normal',
  seed: 1,
  settings: null,
  faults: 'none',
  agentBound: null,
  maxVirtualHours: 336,
};

const count = z.number().int().min(0);
const seconds = z.number().min(0);

/** Virtual seconds until so many agents were ready; null = not within the time allowed. */
export const penetrationSchema = z.object({
  p50: seconds.nullable(),
  p98: seconds.nullable(),
  p999: seconds.nullable(),
  p100: seconds.nullable(),
});

/** What `fanout simulate --json` prints; the Simulation page shows the same. */
export const simulationResultSchema = z.object({
  agents: count,
  ready: count,
  /** Never on during the run: nothing could have made these ready. */
  neverOn: count,
  virtualSeconds: seconds,
  wallSeconds: seconds,
  peakRssMib: z.number().min(0),
  /** Dispatched by the simulator. */
  events: count,
  /** Block bytes that came into a site from outside of it, aborted answers included, ÷ size of the package. */
  wanCopiesPerSite: z.object({ max: z.number().min(0), mean: z.number().min(0) }),
  /** Without blocks that crossed a second time because nobody near had them at that moment. */
  unexcusedWanCopiesPerSite: z.object({ max: z.number().min(0), mean: z.number().min(0) }),
  /** Distinct addresses that the Notification Server sent a block. */
  coreClients: count,
  /** Of all agents, from the beginning. */
  penetration: penetrationSchema,
  /** Of the agents that were on at all, each from the moment when it was first on: what the people's hours add is left out. */
  penetrationSinceOn: penetrationSchema,
  /** Left the sockets of the Notification Server and of Package Servers. */
  directBytes: byteCountSchema,
  /** Arrived from peers, as the receiving agents tell. */
  peerBytes: byteCountSchema,
  /** Of all bytes, 0 … 1. */
  peerShare: z.number().min(0).max(1),
  traceHash: z.string(),
  seed: count,
  /** Oldest first; the shares of all agents that were ready by then, and that had been on by then, 0 … 1. */
  penetrationCurve: z
    .array(z.object({ seconds, share: z.number().min(0).max(1), onShare: z.number().min(0).max(1) }))
    .max(maximumCurvePoints),
  /** Most bytes first. */
  wanBytesBySite: z
    .array(z.object({ name: z.string(), agents: count, wanBytes: byteCountSchema, copies: z.number().min(0) }))
    .max(maximumSites),
  /** Direct bytes as agents tell, by the reason that they give; most bytes first. */
  whyDirect: z.array(z.object({ reason: journalReasonSchema, bytes: byteCountSchema })),
  /** How many faults of each kind happened. */
  faults: z.array(z.object({ kind: z.string(), count })),
  /** Rules that no run may break: none, unless the engine has an error. */
  violations: z.array(z.object({ check: z.string(), atSeconds: seconds, agent: z.string(), detail: z.string() })),
  /** Plain sentences: what the model takes for granted. */
  assumptions: z.array(z.string()),
  /** How many agents the whole organisation has, where only some of its sites were simulated. Sums are scaled to it then. */
  sampledFrom: count.nullable(),
});
export type SimulationResult = z.infer<typeof simulationResultSchema>;

export const simulationProgressSchema = z.object({
  virtualSeconds: seconds,
  ready: count,
  agents: count,
  events: count,
});
export type SimulationProgress = z.infer<typeof simulationProgressSchema>;
