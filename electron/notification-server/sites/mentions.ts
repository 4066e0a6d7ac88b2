import type { AgentId } from '../../../shared/base/ids.ts';
import type { PackageAssignment } from '../../../shared/contracts/package-servers-api.ts';
import type { SiteTarget } from '../../../shared/contracts/site-settings.ts';
import type { Target, TargetFilter } from '../../../shared/contracts/targets.ts';
import { isFinished, newDelivery } from '../../../shared/server/deliveries/delivery-progress.ts';
import { rulesOf } from '../../../shared/server/deliveries/delivery-stages.ts';
import type { StoredChannel } from '../../database/stores/channel-store.ts';
import { loadChannels } from '../../database/stores/channel-store.ts';
import { loadDeliveries, loadDeliveryStates } from '../../database/stores/delivery-store.ts';
import { loadPackageAssignments, namesOfPackageServersAt } from '../../database/stores/package-server-store.ts';
import { loadPackages } from '../../database/stores/package-store.ts';
import { loadPolicies } from '../../database/stores/policy-store.ts';
import { loadSiteSettings } from '../../database/stores/site-settings-store.ts';
import { loadSites } from '../../database/stores/site-store.ts';
import type { WriteTransaction } from '../../database/write-batcher.ts';
import { Refusal } from '../refusal.ts';

/**
 * Who names a site or a Package Server by its id. Neither is deleted while somebody does: what is left of a policy, a
 * channel or a stage without its site would hold for nobody, or for others, and nobody would notice.
 */

const mostMentionsTold = 5;

/** Deliveries that are over are history, and name whatever they named. To be called in the transaction that deletes. */
export async function refuseMentionedSite(
  transaction: WriteTransaction,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<void> {
  const policies = await loadPolicies(transaction);
  const rules = await loadSiteSettings(transaction);
  const servers = await namesOfPackageServersAt(transaction, id);
  refuseMentioned(name, [
    ...policies.filter(({ target }) => sitesOf(target).has(id)).map((policy) => `the policy "${policy.name}"`),
    ...rules.filter(({ target }) => sitesOf(target).has(id)).map((rule) => `the site settings "${rule.name}"`),
    ...(await channelsOf(transaction, ({ siteIds }) => siteIds.includes(id))),
    ...(await assignedTo(transaction, (assignment) => assignment.mode === 'sites' && assignment.siteIds.includes(id))),
    ...servers.map((server) => `the Package Server "${server}", which was given this site`),
    ...(await deliveriesTo(transaction, id)),
  ]);
}

/** To be called in the transaction that deletes. */
export async function refuseMentionedPackageServer(
  transaction: WriteTransaction,
  { agentId, name }: { readonly agentId: AgentId; readonly name: string },
): Promise<void> {
  refuseMentioned(name, [
    ...(await channelsOf(transaction, ({ agentIds }) => agentIds.includes(agentId))),
    ...(await assignedTo(transaction, (to) => to.mode === 'listed' && to.agentIds.includes(agentId))),
  ]);
}

/** What comes back may name sites that were deleted since. `present`: what it names already does not count. */
export async function refuseGoneSites(
  transaction: WriteTransaction,
  { name, target }: { readonly name: string; readonly target: Target | SiteTarget },
  present: { readonly target: Target | SiteTarget } | null,
): Promise<void> {
  const known = new Set((await loadSites(transaction)).map(({ id }) => id));
  const before = present === null ? new Set<string>() : sitesOf(present.target);
  if ([...sitesOf(target)].every((id) => known.has(id) || before.has(id))) return;
  throw new Refusal(
    'conflict',
    `"${name}" would target a site that is gone. Take the deletion of the site back first.`,
  );
}

function refuseMentioned(name: string, mentions: readonly string[]): void {
  if (mentions.length === 0) return;
  const told = mentions.slice(0, mostMentionsTold);
  if (mentions.length > told.length) told.push(`${mentions.length - told.length} more`);
  const last = told.pop();
  const list = told.length === 0 ? last : `${told.join(', ')} and ${last}`;
  throw new Refusal('conflict', `"${name}" is still named by ${list}. Change that first.`);
}

function sitesOf(target: Target | SiteTarget): ReadonlySet<string> {
  const filters: readonly (TargetFilter | SiteTarget)[] =
    target.kind === 'rows' ? [target.first, ...target.next.map(({ filter }) => filter)] : [target];
  return new Set(filters.flatMap((filter) => (filter.kind === 'sites' ? filter.siteIds : [])));
}

async function channelsOf(
  transaction: WriteTransaction,
  isNamed: (subscribers: StoredChannel['subscribers']) => boolean,
): Promise<string[]> {
  const channels = await loadChannels(transaction);
  return channels.filter(({ subscribers }) => isNamed(subscribers)).map(({ name }) => `the channel "${name}"`);
}

async function assignedTo(
  transaction: WriteTransaction,
  isNamed: (assignment: PackageAssignment) => boolean,
): Promise<string[]> {
  const assignments = await loadPackageAssignments(transaction);
  return (await loadPackages(transaction)).flatMap(({ key, name, version, withdrawnAtMs }) => {
    const assignment = assignments.get(key);
    const isMeant = assignment !== undefined && withdrawnAtMs === null && isNamed(assignment);
    return isMeant ? [`the assignment of the package "${name} ${version}"`] : [];
  });
}

/** A stage without its site would be empty, and the next one begin. */
async function deliveriesTo(transaction: WriteTransaction, siteId: string): Promise<string[]> {
  const states = await loadDeliveryStates(transaction);
  const packages = new Map((await loadPackages(transaction)).map((stored) => [stored.key, stored]));
  return (await loadDeliveries(transaction)).flatMap(({ id, key, target, spec, createdAtMs }) => {
    const delivered = packages.get(key);
    const targets = [target, ...spec.laterStages.map((stage) => stage.target)];
    if (delivered === undefined || delivered.withdrawnAtMs !== null) return [];
    if (!targets.some((of) => sitesOf(of).has(siteId))) return [];
    const rules = rulesOf(spec, createdAtMs);
    const state = states.get(id) ?? newDelivery(rules);
    if (state.isCancelled || isFinished(rules, state)) return [];
    return [`the delivery of "${delivered.name} ${delivered.version}", which is not over`];
  });
}
