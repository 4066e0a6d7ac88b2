import type { Selectable } from 'kysely';
import type { SiteSettingsRule } from '../../../shared/contracts/site-settings.ts';
import { siteSettingsSchema, siteTargetSchema } from '../../../shared/contracts/site-settings.ts';
import type { SiteSettingsTable } from '../schema.ts';
import type { Executor } from './executor.ts';

export type StoredSiteSettings = Omit<SiteSettingsRule, 'appliesToSites' | 'warnings'>;

/** In the order of priority. */
export async function loadSiteSettings(executor: Executor): Promise<StoredSiteSettings[]> {
  const rows = await executor.selectFrom('site_settings').selectAll().orderBy('priority').orderBy('rule_id').execute();
  return rows.map(ruleOf);
}

export async function insertSiteSettings(executor: Executor, rule: StoredSiteSettings): Promise<void> {
  await executor.insertInto('site_settings').values(rowOf(rule)).executeTakeFirst();
}

/** False where the stored version is not `rule.version - 1`: somebody else saved meanwhile, nothing was changed. */
export async function updateSiteSettings(executor: Executor, rule: StoredSiteSettings): Promise<boolean> {
  const { rule_id, ...values } = rowOf(rule);
  const result = await executor
    .updateTable('site_settings')
    .set(values)
    .where('rule_id', '=', rule_id)
    .where('version', '=', rule.version - 1)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function deleteSiteSettings(executor: Executor, ruleId: string): Promise<void> {
  await executor.deleteFrom('site_settings').where('rule_id', '=', ruleId).executeTakeFirst();
}

/** The first id gets the priority 1. */
export async function saveSiteSettingsOrder(executor: Executor, ruleIds: readonly string[]): Promise<void> {
  for (const [index, id] of ruleIds.entries()) {
    await executor
      .updateTable('site_settings')
      .set({ priority: index + 1 })
      .where('rule_id', '=', id)
      .executeTakeFirst();
  }
}

function rowOf(rule: StoredSiteSettings): SiteSettingsTable {
  return {
    rule_id: rule.id,
    name: rule.name,
    priority: rule.priority,
    target: JSON.stringify(rule.target),
    settings: JSON.stringify(rule.settings),
    version: rule.version,
    updated_at_ms: rule.updatedAtMs,
    updated_by: rule.updatedBy,
  };
}

function ruleOf(row: Selectable<SiteSettingsTable>): StoredSiteSettings {
  return {
    id: row.rule_id,
    name: row.name,
    priority: row.priority,
    target: siteTargetSchema.parse(JSON.parse(row.target)),
    settings: siteSettingsSchema.parse(JSON.parse(row.settings)),
    version: row.version,
    updatedAtMs: row.updated_at_ms,
    updatedBy: row.updated_by,
  };
}
