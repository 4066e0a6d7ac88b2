import { maximumAuditPage } from '../../../shared/contracts/audit-api.ts';
import { auditEntries } from '../../database/stores/audit-store.ts';
import { canRevert, revertChange } from '../audit/audit-reverts.ts';
import { noteChange } from '../audit/request-changes.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';

/** Who changed what, and taking it back. */
export function auditHandlers(parts: HandlerParts): Pick<ConsoleHandlers, 'audit' | 'revertAudit'> {
  return {
    audit: async ({ query: { before, limit, ...filter } }) => {
      const entries = await auditEntries(parts.database, {
        ...filter,
        limit: limit === undefined ? maximumAuditPage : Number(limit),
        before: before === undefined ? undefined : Number(before),
      });
      return entries.map((entry) => ({ ...entry, canRevert: canRevert(entry) }));
    },
    revertAudit: async ({ params, signedIn }) => {
      const made = await revertChange(parts, Number(params.id), signedIn.name);
      noteChange(made);
      return made;
    },
  };
}
