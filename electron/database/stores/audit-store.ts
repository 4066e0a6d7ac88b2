import type { AuditEntry } from '../../../shared/contracts/console-api.ts';
import type { Executor } from './executor.ts';

export type AuditDraft = Omit<AuditEntry, 'id'>;

export async function insertAuditEntry(executor: Executor, entry: AuditDraft): Promise<void> {
  await executor
    .insertInto('audit')
    .values({
      at_ms: entry.atMs,
      who: entry.who,
      action: entry.action,
      subject: entry.subject,
      before: JSON.stringify(entry.before ?? null),
      after: JSON.stringify(entry.after ?? null),
    })
    .executeTakeFirst();
}

export async function newestAuditEntries(executor: Executor, limit: number): Promise<AuditEntry[]> {
  const rows = await executor.selectFrom('audit').selectAll().orderBy('audit_id', 'desc').limit(limit).execute();
  return rows.map((row) => ({
    id: row.audit_id,
    atMs: row.at_ms,
    who: row.who,
    action: row.action,
    subject: row.subject,
    before: JSON.parse(row.before) as unknown,
    after: JSON.parse(row.after) as unknown,
  }));
}
