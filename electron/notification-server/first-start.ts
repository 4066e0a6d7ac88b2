import { randomBytes, randomUUID } from 'node:crypto';
import type { ServerId } from '../../shared/base/ids.ts';
import { isServerId } from '../../shared/base/ids.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { insertPolicy, loadPolicies } from '../database/stores/policy-store.ts';
import { loadGroupKeys, saveGroupKeys } from '../database/stores/secret-store.ts';
import { readServerSetting, writeServerSetting } from '../database/stores/server-setting-store.ts';
import type { WriteBatcher } from '../database/write-batcher.ts';
import { groupKeysAt } from './agents/group-keys.ts';

/** What every server has from its first start on: its id, the Global policy and group keys. */
export async function prepareServer(writes: WriteBatcher, nowMs: number): Promise<ServerId> {
  const serverId = await writes.write(async (transaction) => {
    const stored = await readServerSetting(transaction, 'server-id');
    if (stored !== null && isServerId(stored)) return stored;
    const made = randomBytes(16).toString('hex') as ServerId;
    await writeServerSetting(transaction, 'server-id', made);
    return made;
  });
  await writes.write(async (transaction) => {
    if ((await loadPolicies(transaction)).some((policy) => policy.isGlobal)) return;
    await insertPolicy(transaction, {
      id: randomUUID(),
      name: 'Global',
      priority: 1,
      isGlobal: true,
      target: { kind: 'all' },
      settings: defaultAgentSettings,
      version: 1,
      updatedAtMs: nowMs,
      updatedBy: 'Fanout',
    });
  });
  await writes.write(async (transaction) => {
    const stored = await loadGroupKeys(transaction);
    const keys = groupKeysAt(stored, nowMs);
    if (keys !== stored) await saveGroupKeys(transaction, keys);
  });
  return serverId;
}
