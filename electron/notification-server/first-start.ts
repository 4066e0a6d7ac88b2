import { randomBytes, randomUUID } from 'node:crypto';
import type { ServerId } from '../../shared/base/ids.ts';
import { isServerId } from '../../shared/base/ids.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { insertPolicy, loadPolicies } from '../database/stores/policy-store.ts';
import { loadGroupKeys, saveGroupKeys } from '../database/stores/secret-store.ts';
import { readServerSetting, writeServerSetting } from '../database/stores/server-setting-store.ts';
import type { WriteBatcher } from '../database/write-batcher.ts';
import { groupKeysAt } from './agents/group-keys.ts';
import type { ServerIdentity } from './identity/server-identity.ts';
import { StartError } from './start-error.ts';

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

/**
 * Agents trust the keys in the data folder, and the database says who they are: one without the other would answer agents
 * that believe none of it. Throws a `StartError` where the database was written with other keys.
 */
export async function refuseForeignIdentity(writes: WriteBatcher, identity: ServerIdentity): Promise<void> {
  const { keyHash } = identity.authority;
  const stored = await writes.write(async (transaction) => {
    const known = await readServerSetting(transaction, 'authority-key');
    if (known === null) await writeServerSetting(transaction, 'authority-key', keyHash);
    return known ?? keyHash;
  });
  if (stored === keyHash) return;
  throw new StartError(
    'identity-missing',
    'The database belongs to a server whose keys are not in this data folder. Agents would not believe this one: ' +
      'start it with its own data folder, or restore that folder from a backup.',
  );
}
