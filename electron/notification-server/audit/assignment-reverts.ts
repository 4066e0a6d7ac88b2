import { z } from 'zod';
import { packageAssignmentSchema } from '../../../shared/contracts/package-servers-api.ts';
import { packageKeySchema } from '../../../shared/contracts/primitives.ts';
import {
  loadPackageAssignments,
  loadPackageServers,
  savePackageAssignment,
} from '../../database/stores/package-server-store.ts';
import { loadSites } from '../../database/stores/site-store.ts';
import { Refusal } from '../refusal.ts';
import type { Revertible } from './revertible.ts';

const assignedSchema = z.object({ key: packageKeySchema, assignment: packageAssignmentSchema });
/** Which Package Servers keep a package, as the audit trail holds it. */
export type AssignedPackage = z.infer<typeof assignedSchema>;

export const assignmentRevert: Revertible<AssignedPackage> = {
  noun: 'package-assignment',
  part: 'package-servers',
  read: (state) => assignedSchema.safeParse(state).data ?? null,
  present: async ({ transaction }, { key }) => ({
    key,
    assignment: (await loadPackageAssignments(transaction)).get(key) ?? { mode: 'on-demand' },
  }),
  essence: ({ assignment }) => ({ assignment }),
  restore: async ({ transaction }, wanted) => {
    if (wanted === null) return null;
    const { key, assignment } = wanted;
    if (assignment.mode === 'listed') {
      const known = new Set((await loadPackageServers(transaction)).map(({ agentId }) => agentId));
      if (!assignment.agentIds.every((agentId) => known.has(agentId))) throw gone('Package Server');
    }
    if (assignment.mode === 'sites') {
      const known = new Set((await loadSites(transaction)).map(({ id }) => id));
      if (!assignment.siteIds.every((id) => known.has(id))) throw gone('site');
    }
    await savePackageAssignment(transaction, key, assignment);
    return wanted;
  },
};

function gone(what: string): Refusal {
  return new Refusal('conflict', `The package was kept by a ${what} that is gone: bring that back first.`);
}
