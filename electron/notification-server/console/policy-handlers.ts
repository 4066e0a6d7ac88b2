import { randomUUID } from 'node:crypto';
import type { Policy } from '../../../shared/contracts/console-api.ts';
import type { StoredPolicy } from '../../database/stores/policy-store.ts';
import {
  deletePolicy,
  insertPolicy,
  loadPolicies,
  savePolicyPriorities,
  updatePolicy,
} from '../../database/stores/policy-store.ts';
import { Refusal } from '../refusal.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';
import { writeAudited } from './console-handler.ts';
import { refuseUnknownSites } from './known-sites.ts';
import { refuseOtherOrder } from './whole-order.ts';

type PolicyRoutes = 'policies' | 'createPolicy' | 'updatePolicy' | 'deletePolicy' | 'orderPolicies';

/** Rolls the save back, with its entry in the audit trail. */
class StaleVersionError extends Error {}

/** Targeted Agent Settings. */
export function policyHandlers(parts: HandlerParts): Pick<ConsoleHandlers, PolicyRoutes> {
  const { organisation, views } = parts;
  const stored = (id: string): StoredPolicy => {
    const found = organisation.policies.find((policy) => policy.stored.id === id);
    if (found === undefined) throw new Refusal('not-found', 'There is no such policy. Somebody may have deleted it.');
    return found.stored;
  };
  const shown = async (id: string): Promise<Policy> => {
    const policy = await views.policy(id);
    if (policy === null) throw new Refusal('not-found', 'The policy was deleted while it was saved.');
    return policy;
  };
  const conflict = async (id: string): Promise<Refusal> =>
    new Refusal('version-conflict', 'Somebody else saved this policy since you opened it.', {
      current: await shown(id),
    });

  return {
    policies: () => views.policies(),

    createPolicy: async ({ body, signedIn }) => {
      refuseUnknownSites(organisation, [{ path: 'target', target: body.target }]);
      const others = organisation.policies.filter((policy) => !policy.isGlobal);
      const policy: StoredPolicy = {
        ...body,
        id: randomUUID(),
        priority: Math.max(0, ...others.map((other) => other.priority)) + 1,
        isGlobal: false,
        version: 1,
        updatedAtMs: parts.now(),
        updatedBy: signedIn.name,
      };
      const change = { who: signedIn.name, action: 'create-policy', subject: body.name, before: null, after: policy };
      await writeAudited(parts, change, (transaction) => insertPolicy(transaction, policy));
      await organisation.reload('policies');
      return shown(policy.id);
    },

    updatePolicy: async ({ params: { id }, body, signedIn }) => {
      const before = stored(id);
      if (before.version !== body.version) throw await conflict(id);
      refuseUnknownSites(organisation, [{ path: 'target', target: body.target, before: before.target }]);
      const after: StoredPolicy = {
        ...before,
        name: body.name,
        settings: body.settings,
        // Global always matches: another target would leave agents without a policy.
        target: before.isGlobal ? before.target : body.target,
        version: body.version + 1,
        updatedAtMs: parts.now(),
        updatedBy: signedIn.name,
      };
      const change = { who: signedIn.name, action: 'update-policy', subject: before.name, before, after };
      await writeAudited(parts, change, async (transaction) => {
        // Two saves of one moment: the database decides.
        if (!(await updatePolicy(transaction, after))) throw new StaleVersionError();
      }).catch(async (error: unknown) => {
        if (!(error instanceof StaleVersionError)) throw error;
        await organisation.reload('policies');
        throw await conflict(id);
      });
      await organisation.reload('policies');
      return shown(id);
    },

    deletePolicy: async ({ params: { id }, signedIn }) => {
      const before = stored(id);
      if (before.isGlobal)
        throw new Refusal('conflict', 'Global stays: it holds for every agent that no other targets.');
      const change = { who: signedIn.name, action: 'delete-policy', subject: before.name, before, after: null };
      await writeAudited(parts, change, (transaction) => deletePolicy(transaction, id));
      await organisation.reload('policies');
    },

    orderPolicies: async ({ body, signedIn }) => {
      const before = orderOf(organisation.policies.map((policy) => policy.stored));
      const change = { who: signedIn.name, action: 'order-policies', subject: 'policies', before, after: body.ids };
      const priorities = body.ids.map((id, index) => ({ id, priority: index + 1 }));
      await writeAudited(parts, change, async (transaction) => {
        const list = { name: 'the policies', all: 'every policy but Global' };
        refuseOtherOrder(orderOf(await loadPolicies(transaction)), body, list);
        await savePolicyPriorities(transaction, priorities);
      });
      await organisation.reload('policies');
      return views.policies();
    },
  };
}

/** Ids of all but Global, first priority first. */
function orderOf(policies: readonly StoredPolicy[]): string[] {
  return policies.filter(({ isGlobal }) => !isGlobal).map(({ id }) => id);
}
