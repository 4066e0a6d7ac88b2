import { describe, expect, test } from 'vitest';
import type { Database } from '../../electron/database/database.ts';
import type { DatabaseAccess } from '../../electron/database/database-access.ts';
import {
  channelIdOf,
  deleteChannel,
  insertChannel,
  loadChannels,
  readManifestStatus,
  saveManifestStatus,
  updateChannel,
} from '../../electron/database/stores/channel-store.ts';
import type { AgentId, PackageGuid } from '../../shared/base/ids.ts';
import { channelContentSchema } from '../../shared/contracts/channels.ts';
import type { ManifestStatus } from '../../shared/contracts/channels-api.ts';
import { eachTestOpens } from './each-test-opens.ts';

const stored = {
  ...channelContentSchema.parse({
    name: 'Ünder 50 %',
    windows: [{ days: ['sat', 'sun'], from: '22:00', to: '06:00' }],
    items: [{ guid: '00000000-0000-4000-8000-000000000001' as PackageGuid, notBeforeMs: 1, expiresAtMs: 2 }],
    subscribers: { siteIds: ['north'], agentIds: ['a'.repeat(32) as AgentId] },
  }),
  id: 'c',
  version: 1,
  updatedAtMs: 1_767_571_200_000,
  updatedBy: 'ada',
};

/** What every database does with channels. */
export function channelStoresContract(name: string, open: () => Promise<DatabaseAccess>): void {
  describe(`the store of channels over ${name}`, () => {
    let database: Database;
    eachTestOpens(open, async (opened) => {
      database = opened.database;
      await insertChannel(database, stored);
    });

    test('a channel keeps its packages, subscribers and windows, in the order of names', async () => {
      const other = { ...stored, id: 'b', name: 'A first one' };
      await insertChannel(database, other);
      expect(await loadChannels(database)).toEqual([other, stored]);
      expect(await channelIdOf(database, 'Ünder 50 %')).toBe('c');
      expect(await channelIdOf(database, 'ünder 50 %')).toBeNull();
    });

    test('is saved only over the version it was made from', async () => {
      const second = { ...stored, description: 'second', version: 2 };
      expect(await updateChannel(database, second)).toBe(true);
      expect(await updateChannel(database, { ...second, description: 'also second' })).toBe(false);
      expect(await updateChannel(database, { ...second, id: 'x', version: 2 })).toBe(false);
      expect(await loadChannels(database)).toEqual([second]);
    });

    test('a name is there once', async () => {
      await expect(insertChannel(database, { ...stored, id: 'd' })).rejects.toThrow(/unique/i);
      await insertChannel(database, { ...stored, id: 'd', name: 'D' });
      await expect(updateChannel(database, { ...stored, id: 'd', version: 2 })).rejects.toThrow(/unique/i);
    });

    test('is deleted once', async () => {
      expect(await deleteChannel(database, 'c')).toBe(true);
      expect(await deleteChannel(database, 'c')).toBe(false);
      expect(await loadChannels(database)).toEqual([]);
    });

    test('keeps how its last manifest went, until it is deleted', async () => {
      const guid = '00000000-0000-4000-8000-000000000001' as PackageGuid;
      const status: ManifestStatus = {
        state: 'importing',
        message: '',
        atMs: 1_767_571_200_000,
        added: [{ guid, version: null, name: 'Ünder 50 %' }],
        changed: [],
        removed: [{ guid, version: '1.0', name: 'x' }],
        unchanged: 3,
        imports: [{ line: 2, source: 'office/ünder', name: 'Office', version: '1.0' }],
      };
      expect(await readManifestStatus(database, 'c')).toBeNull();
      expect(await saveManifestStatus(database, 'c', status)).toBe(true);
      expect(await readManifestStatus(database, 'c')).toEqual(status);
      const failed = { ...status, state: 'failed' as const, message: 'The disk is full.' };
      expect(await saveManifestStatus(database, 'c', failed)).toBe(true);
      expect(await readManifestStatus(database, 'c')).toEqual(failed);
      await deleteChannel(database, 'c');
      expect(await readManifestStatus(database, 'c')).toBeNull();
      expect(await saveManifestStatus(database, 'c', failed)).toBe(false);
      expect(await readManifestStatus(database, 'c')).toBeNull();
    });
  });
}
