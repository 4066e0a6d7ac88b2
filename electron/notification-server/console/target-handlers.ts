import type { RouteBody } from '../../../shared/contracts/console-routes.ts';
import type { Target } from '../../../shared/contracts/targets.ts';
import { maximumTagsPerAgent } from '../../../shared/contracts/targets.ts';
import type { TargetPreview } from '../../../shared/contracts/targets-api.ts';
import { maximumPreviewedMembers } from '../../../shared/contracts/targets-api.ts';
import { resolvePolicy } from '../../../shared/server/settings-resolution.ts';
import { targetTest } from '../../../shared/server/target.ts';
import { PolicyChangeCount, policiesWithTarget } from '../../../shared/server/target-preview.ts';
import type { AgentTags } from '../../database/stores/tag-store.ts';
import { saveTags } from '../../database/stores/tag-store.ts';
import type { AgentRecord } from '../agents/agent-directory.ts';
import { forEachAgent } from '../agents/agent-turns.ts';
import { Refusal } from '../refusal.ts';
import { agentOrRefuse, agentSummary } from './agent-views.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';
import { writeAudited } from './console-handler.ts';

type TargetRoutes = 'previewTarget' | 'tags' | 'changeTags' | 'setAgentTags';

/** How many names of changed agents the audit trail keeps. */
const namesInAudit = 100;

/** Which agents a target means, and the tags that targets ask for. */
export function targetHandlers(parts: HandlerParts): Pick<ConsoleHandlers, TargetRoutes> {
  const { directory } = parts;
  return {
    previewTarget: ({ body }) => previewOf(parts, body),

    tags: async () => {
      const counts = new Map<string, number>();
      await forEachAgent(directory, ({ tags }) => {
        for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
      });
      return [...counts].map(([tag, agents]) => ({ tag, agents })).sort((a, b) => (a.tag < b.tag ? -1 : 1));
    },

    changeTags: async ({ body: { target, add, remove }, signedIn }) => {
      const members = await membersOf(parts, target);
      const changed = members.flatMap((record) => changedTags(record, add, remove) ?? []);
      if (changed.length > 0) {
        const names = changed.slice(0, namesInAudit).map(({ agentId }) => directory.get(agentId)?.name ?? agentId);
        const after = { target, add, remove, agents: changed.length, names };
        const change = { who: signedIn.name, action: 'change-tags', subject: 'tags', before: null, after };
        await writeAudited(parts, change, (transaction) => saveTags(transaction, changed));
        retagged(parts, changed);
      }
      return { agents: members.length, changed: changed.length };
    },

    setAgentTags: async ({ params: { agentId }, body, signedIn }) => {
      const record = agentOrRefuse(parts, agentId);
      const tags = [...body.tags].sort();
      const before = { tags: record.tags };
      const change = { who: signedIn.name, action: 'set-agent-tags', subject: record.name, before, after: { tags } };
      await writeAudited(parts, change, (transaction) => saveTags(transaction, [{ agentId, tags }]));
      retagged(parts, [{ agentId, tags }]);
      return agentSummary(parts, record);
    },
  };
}

/** The agents' configurations may be others now: one push for all of them. */
function retagged(parts: HandlerParts, agents: readonly AgentTags[]): void {
  parts.directory.retagged(agents);
  parts.pushConfigurations();
}

/** Null where nothing changes; throws where the agent would have too many. */
function changedTags(record: AgentRecord, add: readonly string[], remove: readonly string[]): AgentTags | null {
  const { agentId, name, tags: before } = record;
  const after = new Set([...before, ...add]);
  for (const tag of remove) after.delete(tag);
  if (after.size === before.length && before.every((tag) => after.has(tag))) return null;
  if (after.size > maximumTagsPerAgent) {
    const message = `${name} would have ${after.size} tags; an agent has at most ${maximumTagsPerAgent}.`;
    throw new Refusal('invalid-request', message, { fields: [{ path: 'add', message }] });
  }
  return { agentId, tags: [...after].sort() };
}

async function membersOf(parts: HandlerParts, target: Target): Promise<AgentRecord[]> {
  const isMeant = targetTest(target, parts.organisation.sites);
  const members: AgentRecord[] = [];
  await forEachAgent(parts.directory, (record) => {
    if (isMeant(parts.resolver.factsOf(record))) members.push(record);
  });
  return members;
}

async function previewOf(
  parts: HandlerParts,
  { target, policyId, skip }: RouteBody<'previewTarget'>,
): Promise<TargetPreview> {
  const { organisation, resolver } = parts;
  const isMeant = targetTest(target, organisation.sites);
  const policies = organisation.policies.map(({ stored: { id, name }, ...ranked }) => ({ ...ranked, id, name }));
  const proposed = policyId === undefined ? policies : policiesWithTarget(policies, policyId, isMeant);
  if (proposed === null) {
    const message = 'There is no such policy, or it is Global, which holds for every agent that no other targets.';
    throw new Refusal('invalid-request', message, { fields: [{ path: 'policyId', message }] });
  }
  const byId = new Map(policies.map((policy) => [policy.id, policy]));
  const changes = new PolicyChangeCount();
  const members: AgentRecord[] = [];
  await forEachAgent(parts.directory, (record) => {
    const facts = resolver.factsOf(record);
    if (isMeant(facts)) members.push(record);
    const present = byId.get(resolver.resolve(record).policy.id);
    // A policy that somebody deleted while agents were counted.
    if (policyId === undefined || present === undefined) return;
    changes.add(present, resolvePolicy(proposed, facts));
  });
  members.sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    agents: members.length,
    members: members.slice(skip, skip + maximumPreviewedMembers).map((record) => {
      const { site, policy } = resolver.resolve(record);
      const { agentId, name, address } = record;
      return { agentId, name, address, siteName: site?.name ?? null, policyName: policy.name };
    }),
    changes: changes.list().map(({ from, to, agents }) => ({
      fromPolicyId: from.id ?? '',
      fromPolicyName: from.name,
      toPolicyId: to.id,
      toPolicyName: to.name,
      agents,
    })),
  };
}
