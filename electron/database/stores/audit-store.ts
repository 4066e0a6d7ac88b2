import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { AuditEntry } from '../../../shared/contracts/audit-api.ts';
import type { AuditTable } from '../schema.ts';
import type { Executor } from './executor.ts';

export type AuditDraft = Omit<AuditEntry, 'id' | 'reverts'> & { readonly reverts?: number };

export interface AuditFilter {
  readonly limit: number;
  /** Only entries with a smaller id. */
  readonly before?: number | undefined;
  readonly who?: string | undefined;
  readonly action?: string | undefined;
  /** Anywhere in the subject, whatever the case. */
  readonly subject?: string | undefined;
}

/** Gives the id of the entry. */
export async function insertAuditEntry(executor: Executor, entry: AuditDraft): Promise<number> {
  const { audit_id } = await executor
    .insertInto('audit')
    .values({
      at_ms: entry.atMs,
      who: entry.who,
      action: entry.action,
      subject: entry.subject,
      before: JSON.stringify(entry.before ?? null),
      after: JSON.stringify(entry.after ?? null),
      reverts: entry.reverts ?? null,
    })
    .returning('audit_id')
    .executeTakeFirstOrThrow();
  return audit_id;
}

/** The newest first. */
export async function auditEntries(executor: Executor, filter: AuditFilter): Promise<AuditEntry[]> {
  let query = executor.selectFrom('audit').selectAll().orderBy('audit_id', 'desc').limit(filter.limit);
  if (filter.before !== undefined) query = query.where('audit_id', '<', filter.before);
  if (filter.who !== undefined) query = query.where('who', '=', filter.who);
  if (filter.action !== undefined) query = query.where('action', '=', filter.action);
  if (filter.subject !== undefined) {
    const pattern = `%${filter.subject.toLowerCase().replace(/[!%_]/g, '!$&')}%`;
    query = query.where(sql<boolean>`lower(subject) like ${pattern} escape '!'`);
  }
  return (await query.execute()).map(entryOf);
}

export async function auditEntry(executor: Executor, id: number): Promise<AuditEntry | null> {
  const row = await executor.selectFrom('audit').selectAll().where('audit_id', '=', id).executeTakeFirst();
  return row === undefined ? null : entryOf(row);
}

function entryOf(row: Selectable<AuditTable>): AuditEntry {
  return {
    id: row.audit_id,
    atMs: row.at_ms,
    who: row.who,
    action: row.action,
    subject: row.subject,
    before: JSON.parse(row.before) as unknown,
    after: JSON.parse(row.after) as unknown,
    reverts: row.reverts,
  };
}
