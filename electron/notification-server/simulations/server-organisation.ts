import { utcMinuteOfWeek } from '../../../shared/base/week-time.ts';
import type { GivenOrganisation } from '../../../shared/contracts/simulation.ts';
import { givenOrganisationSchema } from '../../../shared/contracts/simulation.ts';
import type { ServerOrganisation } from '../../../shared/contracts/simulations-api.ts';
import { resolvePolicy } from '../../../shared/server/settings-resolution.ts';
import { targetTest } from '../../../shared/server/target.ts';
import type { AgentRecord } from '../agents/agent-directory.ts';
import { forEachAgent } from '../agents/agent-turns.ts';
import { Refusal } from '../refusal.ts';
import type { ServerParts } from '../server-parts.ts';
import { minuteOfWeekIn } from '../sites/zone-clock.ts';
import { modelledSites, PlaceCount } from './simulated-sites.ts';

export interface ModelledOrganisation {
  readonly organisation: GivenOrganisation;
  readonly notes: readonly string[];
}

type Parts = Pick<ServerParts, 'directory' | 'organisation' | 'resolver' | 'now'>;

const minutesPerWeek = 10_080;
/** Clocks are at most so far ahead of UTC; beyond that they are behind. */
const furthestAhead = 840;

/** What the server knows of its sites at this moment, for the simulator. Refuses where there is nothing to simulate. */
export async function organisationOfServer(parts: Parts, ordered: ServerOrganisation): Promise<ModelledOrganisation> {
  const { directory, organisation, resolver } = parts;
  const hasPolicy = policyTest(parts, ordered.policy);
  const places = new Map<string | null, PlaceCount>();
  const serversBeside: AgentRecord[] = [];
  let all = 0;
  const add = (record: AgentRecord): void => {
    const { site, subnet } = resolver.resolve(record);
    const place = places.get(site?.id ?? null) ?? new PlaceCount();
    place.add(subnet, organisation.packageServers.has(record.agentId));
    places.set(site?.id ?? null, place);
  };
  await forEachAgent(directory, (record) => {
    if (record.revokedAtMs !== null) return;
    all++;
    if (hasPolicy(record)) add(record);
    else if (organisation.packageServers.has(record.agentId)) serversBeside.push(record);
  });
  const agents = [...places.values()].reduce((sum, place) => sum + place.agents, 0);
  if (agents === 0) throw new Refusal('conflict', nothingToSimulate(all, ordered));
  // They serve these agents, whatever policy they have themselves.
  for (const record of serversBeside) add(record);
  const nowMs = parts.now();
  const { sites, notes } = modelledSites(organisation.sites, places, (zone) => utcOffsetMinutes(zone, nowMs));
  const { lanKilobitsPerSecond, onlineHours, laptopPercent } = ordered;
  const parsed = givenOrganisationSchema.safeParse({
    ...{ kind: 'sites', sites, lanKilobitsPerSecond, onlineHours, laptopPercent },
  });
  if (!parsed.success) throw new Refusal('conflict', parsed.error.issues[0]?.message ?? 'It cannot be simulated.');
  const policyNotes =
    ordered.policy === null || agents === all
      ? []
      : [
          `Simulated are the ${agents} of ${all} agents that would have this policy${serversBeside.length === 0 ? '' : `, and ${serversBeside.length === 1 ? 'one Package Server' : `${serversBeside.length} Package Servers`} with another policy, as if it had this one`}.`,
        ];
  const ruleNotes = organisation.siteSettings.rules.length === 0 ? [] : ['Targeted site settings are left out.'];
  return { organisation: parsed.data, notes: [...policyNotes, ...notes, ...ruleNotes] };
}

function nothingToSimulate(all: number, { policy }: ServerOrganisation): string {
  if (all === 0 || policy === null) {
    return 'No agent has ever reported to this server, so that there is nothing to simulate. Choose a generated organisation.';
  }
  return 'No agent would have this policy: its target matches none, or a policy above it comes first.';
}

/** Whether an agent would have the policy, which has this target now. */
function policyTest(
  { organisation, resolver }: Parts,
  policy: ServerOrganisation['policy'],
): (record: AgentRecord) => boolean {
  if (policy === null) return () => true;
  const { policies, sites } = organisation;
  const changed = policies.find(({ stored }) => stored.id === policy.id);
  if (changed === undefined) throw new Refusal('not-found', 'There is no such policy. Somebody may have deleted it.');
  const isTargeted = changed.isGlobal ? () => true : targetTest(policy.target, sites);
  const ordered = policies.map((other) => (other === changed ? { ...other, isTargeted } : other));
  return (record) => resolvePolicy(ordered, resolver.factsOf(record)).stored.id === policy.id;
}

/** Of the clocks there at this moment, summer time included. */
function utcOffsetMinutes(timeZone: string, nowMs: number): number {
  const ahead = (minuteOfWeekIn(timeZone, nowMs) - utcMinuteOfWeek(nowMs) + minutesPerWeek) % minutesPerWeek;
  return ahead > furthestAhead ? ahead - minutesPerWeek : ahead;
}
