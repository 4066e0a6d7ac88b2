import { describe, expect, test } from 'vitest';
import type { Database } from '../../electron/database/database.ts';
import type { DatabaseAccess } from '../../electron/database/database-access.ts';
import { saveEnrolment } from '../../electron/database/stores/agent-store.ts';
import { deletePolicy, insertPolicy, loadPolicies, updatePolicy } from '../../electron/database/stores/policy-store.ts';
import type { StoredSiteSettings } from '../../electron/database/stores/site-settings-store.ts';
import {
  deleteSiteSettings,
  insertSiteSettings,
  loadSiteSettings,
  saveSiteSettingsOrder,
  updateSiteSettings,
} from '../../electron/database/stores/site-settings-store.ts';
import { loadTags, saveTags } from '../../electron/database/stores/tag-store.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { eachTestOpens } from './each-test-opens.ts';
import { enrolledAgent as agent } from './enrolled-agent.ts';

const { agentId } = agent;

/** What every database does with what administrators decide. */
export function policyStoresContract(name: string, open: () => Promise<DatabaseAccess>): void {
  describe(`policy stores over ${name}`, () => {
    let database: Database;
    eachTestOpens(open, async (opened) => {
      database = opened.database;
      await saveEnrolment(database, agent);
    });

    test('an agent keeps its tags when it enrols again, and loses those that are not saved', async () => {
      const other = { ...agent, agentId: 'b'.repeat(32) as AgentId };
      await saveEnrolment(database, other);
      await saveTags(database, [
        { agentId, tags: ['lab', 'floor-3'] },
        { agentId: other.agentId, tags: ['lab'] },
      ]);
      await saveEnrolment(database, { ...agent, installationEpoch: 2 });
      expect(await loadTags(database)).toEqual(
        new Map([
          [agentId, ['floor-3', 'lab']],
          [other.agentId, ['lab']],
        ]),
      );
      await saveTags(database, [{ agentId, tags: [] }]);
      expect(await loadTags(database)).toEqual(new Map([[other.agentId, ['lab']]]));
      const many = Array.from({ length: 1000 }, (_value, index) => index.toString(16).padStart(32, '0') as AgentId);
      for (const id of many) await saveEnrolment(database, { ...agent, agentId: id });
      await saveTags(
        database,
        many.map((id) => ({ agentId: id, tags: ['a', 'b'] })),
      );
      expect([...(await loadTags(database)).values()].flat()).toHaveLength(2001);
    });

    test('a policy is saved only over the version before it', async () => {
      const policy = {
        id: 'p',
        name: 'P',
        priority: 1,
        isGlobal: false,
        target: { kind: 'all' },
        settings: defaultAgentSettings,
        version: 1,
        updatedAtMs: 1,
        updatedBy: 'x',
      } as const;
      await insertPolicy(database, policy);
      expect(await updatePolicy(database, { ...policy, name: 'Q', version: 2 })).toBe(true);
      expect(await updatePolicy(database, { ...policy, name: 'R', version: 2 })).toBe(false);
      expect(await loadPolicies(database)).toEqual([{ ...policy, name: 'Q', version: 2 }]);
      await insertPolicy(database, { ...policy, id: 'g', isGlobal: true });
      await expect(insertPolicy(database, { ...policy, id: 'g2', isGlobal: true })).rejects.toThrow(/UNIQUE/i);
      for (const id of ['p', 'g']) await deletePolicy(database, id);
      expect((await loadPolicies(database)).map(({ id }) => id)).toEqual(['g']);
    });

    test('a policy of before an update has what it had, and the defaults of the settings that are new', async () => {
      const { throttlingPeriods, blockouts, logLevel, ...known } = defaultAgentSettings;
      const settings = JSON.stringify({ ...known, port: 30_000, requestTimeout: 12, exceptWhen: ['vpn'] });
      const values = { policy_id: 'old', name: 'Old', priority: 7, is_global: 0, target: '{"kind":"all"}', settings };
      const row = { ...values, version: 3, updated_at_ms: 1, updated_by: 'x' };
      await database.insertInto('policies').values(row).executeTakeFirst();
      const loaded = (await loadPolicies(database)).find(({ id }) => id === 'old');
      const added = { throttlingPeriods, blockouts, logLevel };
      const expected = { ...known, ...added, port: 30_000, requestTimeout: 12, exceptWhen: ['vpn'] };
      expect(loaded?.settings).toEqual(expected);
      if (loaded === undefined) throw new Error('the policy is lost');
      const blockout = { days: ['sun'], from: '22:00', to: '06:00', kind: 'total' } as const;
      const changed = { ...loaded.settings, blockouts: [{ ...blockout, days: [...blockout.days] }] };
      expect(await updatePolicy(database, { ...loaded, settings: changed, version: 4 })).toBe(true);
      expect((await loadPolicies(database)).find(({ id }) => id === 'old')?.settings).toEqual(changed);
      await deletePolicy(database, 'old');
    });

    test('site settings are saved only over the version before them, and keep their order', async () => {
      const rule: StoredSiteSettings = {
        id: 'r',
        name: 'R',
        priority: 1,
        target: { kind: 'sites', siteIds: ['s'], withChildren: true },
        settings: {
          sharedOutboundKilobytesPerSecond: 5,
          preventNotificationServer: true,
          preventForeignPackageServers: false,
        },
        version: 1,
        updatedAtMs: 1,
        updatedBy: 'x',
      };
      const other: StoredSiteSettings = { ...rule, id: 'q', name: 'Q', priority: 2, target: { kind: 'all' } };
      for (const one of [rule, other]) await insertSiteSettings(database, one);
      expect(await updateSiteSettings(database, { ...rule, name: 'S', version: 2 })).toBe(true);
      expect(await updateSiteSettings(database, { ...rule, name: 'T', version: 2 })).toBe(false);
      await saveSiteSettingsOrder(database, ['q', 'r']);
      expect(await loadSiteSettings(database)).toEqual([
        { ...other, priority: 1 },
        { ...rule, name: 'S', version: 2, priority: 2 },
      ]);
      await deleteSiteSettings(database, 'q');
      expect((await loadSiteSettings(database)).map(({ id }) => id)).toEqual(['r']);
    });
  });
}
