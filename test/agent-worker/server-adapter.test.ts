import { generateKeyPairSync } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BlockStore } from '../../electron/agent-worker/block-store.ts';
import { ConfigurationCache } from '../../electron/agent-worker/configuration-cache.ts';
import type { FeedConnection } from '../../electron/agent-worker/feed-connection.ts';
import { HttpLog } from '../../electron/agent-worker/http-log.ts';
import { SequenceReserve } from '../../electron/agent-worker/sequence-reserve.ts';
import { ServerAdapter } from '../../electron/agent-worker/server-adapter.ts';
import type { ServerAnswer, ServerConnection } from '../../electron/agent-worker/server-connection.ts';
import { ServerTime } from '../../electron/agent-worker/server-time.ts';
import type { AgentInput } from '../../shared/agent/agent-input.ts';
import type { AgentId, ServerId } from '../../shared/base/ids.ts';
import type { AgentConfiguration } from '../../shared/contracts/agent-api.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import type { TemporaryFolder } from '../support/agent-fixtures.ts';
import { randomId, silentLogger, temporaryFolder } from '../support/agent-fixtures.ts';

const configuration: AgentConfiguration = {
  agentId: randomId() as AgentId,
  serverId: randomId() as ServerId,
  name: 'desk-1',
  site: null,
  policy: { id: 'global', name: 'Global', version: 1 },
  settings: defaultAgentSettings,
  agentPackage: { deleteUnusedAfterHours: 168 },
  groupKeys: [{ id: 1, key: Buffer.alloc(32).toString('base64'), activateAtMs: 0, acceptUntilMs: null }],
  revokedSerials: [],
  revokedAgentIds: [],
  deliveries: [],
  withdrawn: [],
};

let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => folder.remove());

it('a configuration that cannot be written to the disk is in force all the same, and written when it can be', async () => {
  const inputs: AgentInput[] = [];
  const asked: (string | undefined)[] = [];
  const request: ServerConnection['request'] = async (_method, _path, { headers } = {}): Promise<ServerAnswer> => {
    asked.push(headers?.['if-none-match']);
    return headers?.['if-none-match'] === '"1"'
      ? { kind: 'answer', status: 304, etag: '"1"', body: null }
      : { kind: 'answer', status: 200, etag: '"1"', body: configuration };
  };
  const adapter = new ServerAdapter({
    connection: { request } as ServerConnection,
    feed: {} as FeedConnection,
    httpLog: new HttpLog(path.join(folder.path, 'log'), silentLogger),
    cache: await ConfigurationCache.open(folder.path, silentLogger),
    store: new BlockStore(folder.path, generateKeyPairSync('ed25519').publicKey, silentLogger),
    snapshotKey: generateKeyPairSync('ed25519').publicKey,
    serverTime: new ServerTime(),
    sequences: await SequenceReserve.open(folder.path),
    installationEpoch: 1,
    onConfiguration: () => undefined,
    push: (input) => inputs.push(input),
  });
  const obstacle = path.join(folder.path, 'configuration.json.new');
  await mkdir(obstacle);
  adapter.fetchConfiguration(1);
  await adapter.idle();
  expect(inputs).toMatchObject([{ kind: 'configurationReceived', configuration: { name: 'desk-1' } }]);
  await rm(obstacle, { recursive: true });
  adapter.fetchConfiguration(2);
  await adapter.idle();
  expect(inputs[1]).toMatchObject({ kind: 'serverAnswered' });
  expect(asked).toEqual([undefined, '"1"']);
  expect((await ConfigurationCache.open(folder.path, silentLogger)).etag).toBe('"1"');
});
