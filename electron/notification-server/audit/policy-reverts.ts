import { z } from 'zod';
import { policySchema } from '../../../shared/contracts/console-api.ts';
import { storedAgentSettingsSchema } from '../../../shared/contracts/settings.ts';
import type { StoredPolicy } from '../../database/stores/policy-store.ts';
import {
  deletePolicy,
  insertPolicy,
  loadPolicies,
  savePolicyPriorities,
  updatePolicy,
} from '../../database/stores/policy-store.ts';
import type { WriteTransaction } from '../../database/write-batcher.ts';
import { Refusal } from '../refusal.ts';
import { refuseGoneSites } from '../sites/mentions.ts';
import type { Revertible } from './revertible.ts';

const storedPolicySchema = policySchema
  .omit({ appliesToAgents: true, warnings: true })
  .extend({ settings: storedAgentSettingsSchema });
const orderSchema = z.array(z.string());

export const policyRevert: Revertible<StoredPolicy> = {
  noun: 'policy',
  part: 'policies',
  read: (state) => storedPolicySchema.safeParse(state).data ?? null,
  present: async ({ transaction }, { id }) =>
    (await loadPolicies(transaction)).find((policy) => policy.id === id) ?? null,
  essence: ({ name, target, settings }) => ({ name, target, settings }),
  restore: async ({ transaction, who, atMs }, wanted, present) => {
    if (wanted === null) {
      if (present?.isGlobal === true) {
        throw new Refusal('conflict', 'Global stays: it holds for every agent that no other targets.');
      }
      if (present !== null) await deletePolicy(transaction, present.id);
      return null;
    }
    await refuseGoneSites(transaction, wanted, present);
    const saved = { updatedAtMs: atMs, updatedBy: who };
    if (present === null) {
      const back = { ...wanted, ...saved, version: wanted.version + 1 };
      await insertAtItsPlace(transaction, back);
      return back;
    }
    const { name, target, settings } = wanted;
    const changed = { ...present, name, target, settings, ...saved, version: present.version + 1 };
    await updatePolicy(transaction, changed);
    return changed;
  },
};

/** Those that came to its place meanwhile move behind it. */
async function insertAtItsPlace(transaction: WriteTransaction, policy: StoredPolicy): Promise<void> {
  const others = (await loadPolicies(transaction)).filter(({ isGlobal }) => !isGlobal);
  await insertPolicy(transaction, policy);
  const before = others.filter(({ priority }) => priority < policy.priority);
  const ids = [...before, policy, ...others.slice(before.length)].map(({ id }) => id);
  await saveOrder(transaction, ids);
}

export const policyOrderRevert: Revertible<string[]> = {
  noun: 'policy-order',
  part: 'policies',
  read: (state) => orderSchema.safeParse(state).data ?? null,
  present: async ({ transaction }) =>
    (await loadPolicies(transaction)).filter(({ isGlobal }) => !isGlobal).map(({ id }) => id),
  essence: (ids) => ({ order: ids }),
  restore: async ({ transaction }, wanted) => {
    if (wanted !== null) await saveOrder(transaction, wanted);
    return wanted;
  },
};

function saveOrder(transaction: WriteTransaction, ids: readonly string[]): Promise<void> {
  return savePolicyPriorities(
    transaction,
    ids.map((id, index) => ({ id, priority: index + 1 })),
  );
}
