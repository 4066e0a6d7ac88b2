import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrations } from '../../electron/database/migrations/migration-list.ts';
import { restoreBackup } from '../../electron/notification-server/operation/restore.ts';
import { agentConfigurationSchema } from '../../shared/contracts/agent-api.ts';
import type { BackupJob } from '../../shared/contracts/operation-api.ts';
import { backupJobSchema, healthSchema, serverStatusSchema } from '../../shared/contracts/operation-api.ts';
import { configurationOf, ServerPlace } from '../notification-server/support/server-place.ts';
import type { TestAgent } from '../notification-server/support/test-agent.ts';
import type { TestServer } from '../notification-server/support/test-server.ts';
import { eventually, importPackage, startTestServer } from '../notification-server/support/test-server.ts';
import { postgresAddress } from '../support/postgres-access.ts';
import { isPostgresMissing, PostgresServer } from '../support/postgres-server.ts';

const siteDraft = { name: 'After', subnets: ['10.9.0.0/16'], wanKilobitsPerSecond: 0 };

const databases = [
  { name: 'the embedded database', isPostgres: false },
  ...(isPostgresMissing() ? [] : [{ name: 'PostgreSQL', isPostgres: true }]),
];

describe.each(databases)('a Notification Server over $name', ({ isPostgres }) => {
  let postgres: PostgresServer | null = null;
  let url = '';
  let place: ServerPlace;
  let server: TestServer;

  const ask = async (from: TestServer, route: string, init: RequestInit = {}) =>
    fetch(`${from.consoleUrl}${route}`, init);
  const asAdministrator = () => ({ authorization: `Bearer ${server.apiToken}` });
  const backup = async (folder: string, packages: boolean): Promise<BackupJob> => {
    await server.call('startBackup', { body: { folder, packages } });
    return eventually('the backup', async () => {
      const job = await server.call('backup', {});
      return job.state === 'running' ? null : job;
    });
  };
  const sendEvents = async (agent: TestAgent, sequences: readonly number[]) =>
    agent.request('/events', {
      method: 'POST',
      body: {
        installationEpoch: 1,
        events: sequences.map((sequence) => ({ kind: 'stopping', sequence, atMs: sequence })),
      },
    });

  beforeAll(async () => {
    if (isPostgres) {
      postgres = await PostgresServer.start();
      url = await postgres.createDatabase();
    }
    place = await ServerPlace.start(isPostgres ? { postgres: postgresAddress(url), groupKeySettleMs: 1 } : {});
    server = place.server;
  }, 60_000);
  afterAll(async () => {
    await place.stop();
    await postgres?.stop();
  });

  test('tells anybody that it is well, and nothing that is nobody’s business', async () => {
    const answer = await ask(server, '/api/v1/health');
    expect(answer.status).toBe(200);
    const health = healthSchema.strict().parse(await answer.json());
    expect(health).toMatchObject({ status: 'ok', reasons: [], agentsListening: true });
    expect(health.database).toEqual({ kind: isPostgres ? 'postgresql' : 'embedded', answers: true });
    expect(health.certificateDaysLeft).toBeGreaterThan(20);
  });

  test('tells what it is to whoever may read', async () => {
    expect((await ask(server, '/api/v1/status')).status).toBe(401);
    const status = serverStatusSchema.strict().parse(await server.call('serverStatus', {}));
    expect(status).toMatchObject({ nodeVersion: process.versions.node, electronVersion: null, processId: process.pid });
    expect(status.dataFolder).toBe(server.dataFolder);
    expect(status.database.kind).toBe(isPostgres ? 'postgresql' : 'embedded');
    expect(status.database.version).toMatch(/^\d+\.\d+/);
    expect(status.database.schemaVersion).toBe(Object.keys(migrations).sort().at(-1));
  });

  test('gives figures to whoever may read', async () => {
    const agent = await place.enrol();
    const feed = await agent.openFeed();
    expect((await sendEvents(agent, [1, 2])).status).toBe(200);
    expect((await sendEvents(agent, [2, 3])).status).toBe(200);
    expect((await ask(server, '/metrics')).status).toBe(401);
    const answer = await ask(server, '/metrics', { headers: asAdministrator() });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    const samples = samplesOf(await answer.text());
    expect(samples.get('fanout_events_stored_total')).toBe(3);
    expect(samples.get('fanout_agents_online')).toBe(1);
    expect(samples.get('fanout_database_up')).toBe(1);
    expect(samples.get('fanout_database_commits_total')).toBeGreaterThan(2);
    expect(samples.get('fanout_database_errors_total')).toBe(0);
    feed.close();
  });

  test.each([
    [{}, 'folder'],
    [{ folder: 'relative', packages: false }, 'folder'],
    [{ folder: '/proc/nowhere', packages: false }, 'folder'],
    [{ folder: '', packages: false }, 'folder'],
    [{ folder: '/tmp/\0', packages: false }, 'folder'],
    [{ folder: '/tmp', packages: false }, 'folder'],
    [{ folder: '/tmp/x', packages: 'yes' }, 'packages'],
    [{ folder: '/tmp/x', packages: false, more: 1 }, ''],
  ])('refuses the backup %j', async (body, field) => {
    const headers = { ...asAdministrator(), 'content-type': 'application/json' };
    const answer = await ask(server, '/api/v1/backups', { method: 'POST', headers, body: JSON.stringify(body) });
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as { error: { fields: { path: string }[] } };
    expect(error.fields[0]?.path).toBe(field);
    expect((await ask(server, '/api/v1/backups/newest', { headers })).status).toBe(404);
  });

  test('rotates group keys, renews certificates and puts an agent out', async () => {
    const agent = await place.enrol();
    const before = await configurationOf(agent);
    await eventually('the rotation', () =>
      server.call('rotateGroupKeys', {}).then(
        () => true,
        () => null,
      ),
    );
    expect((await configurationOf(agent)).groupKeys.at(-1)?.id).not.toBe(before.groupKeys.at(-1)?.id);
    expect((await agent.request('/renew', { method: 'POST', body: { csrPem: agent.key.csrPem } })).status).toBe(200);
    await server.call('revokeAgent', { params: { agentId: agent.agentId } });
    expect((await agent.request('/configuration')).status).toBe(403);
    const other = await place.enrol();
    expect((await configurationOf(other)).revokedSerials).toHaveLength(2);
  });

  test('is saved while it works, and starts again elsewhere from that; agents go on with it', async () => {
    const packageFile = path.join(place.folder, 'package.bin');
    await writeFile(packageFile, Buffer.alloc(700_000, 7));
    const stored = await importPackage(server, packageFile, '1.0');
    const agent = await place.enrol();
    const backupFolder = path.join(place.folder, 'backup');
    let isSaving = true;
    let sequence = 0;
    const load = (async () => {
      while (isSaving) await sendEvents(agent, [++sequence]);
    })();
    const job = await backup(backupFolder, true).finally(() => {
      isSaving = false;
    });
    await load;
    expect(job).toMatchObject({ state: 'done', database: isPostgres ? 'postgresql' : 'embedded', message: '' });
    expect((await readdir(backupFolder)).includes('fanout.db')).toBe(!isPostgres);
    expect((await stat(path.join(backupFolder, 'identity/authority-key.pem'))).mode & 0o077).toBe(0);
    await expect(backup(backupFolder, false)).rejects.toThrow(/not empty/);

    const restored = path.join(place.folder, 'restored');
    const manifest = await restoreBackup(backupFolder, restored);
    expect(manifest.packages).toMatchObject([{ version: '1.0', included: true }]);
    await expect(restoreBackup(backupFolder, restored)).rejects.toThrow(/is not empty/);
    await place.restartServer(async () => {
      if (postgres !== null) {
        // What pg_dump and pg_restore do, within one server.
        await postgres.administer(`CREATE DATABASE copied TEMPLATE ${new URL(url).pathname.slice(1)}`);
      }
    });
    server = place.server;
    const options = postgres === null ? {} : { postgres: postgresAddress(postgres.urlOf('copied')) };
    const again = await startTestServer(restored, options);
    try {
      expect(again.serverId).toBe(server.serverId);
      const known = await again.call('agents', {});
      expect(known.map(({ agentId }) => agentId)).toContain(agent.agentId);
      const moved = agent.movedTo(again.agentUrl);
      const configuration = await moved.request('/configuration');
      agentConfigurationSchema.parse(configuration.json());
      const block = await moved.request(`/packages/${stored.guid}/${stored.version}/blocks/0`);
      expect([block.status, block.body.length]).toEqual([200, 700_000]);
      // Sequences go on from the backup: what it does not hold is taken again, what it holds is not counted twice.
      const taken = await sendEvents(moved, [sequence]);
      expect(taken.json()).toEqual({ acknowledgedSequence: sequence });
      moved.close();
    } finally {
      await again.stop();
    }
  });

  test('a backup that is damaged, cut off or of a later version is not restored', async () => {
    const source = path.join(place.folder, 'source');
    await backup(source, false);
    const manifestFile = path.join(source, 'fanout-backup.json');
    const manifest = await readFile(manifestFile, 'utf8');
    const target = path.join(place.folder, 'target');
    const refused = async (sentence: RegExp) => {
      await expect(restoreBackup(source, target)).rejects.toThrow(sentence);
      expect(await readdir(target).catch(() => [])).toEqual([]);
    };
    await writeFile(manifestFile, manifest.replace('"format": 1', '"format": 2'));
    await refused(/later version/);
    await writeFile(manifestFile, manifest.replace('"0001-first-tables"', '"0001-first-tables", "9999-later"'));
    await refused(/later than this version/);
    await writeFile(manifestFile, manifest.replace('identity/', '../identity/'));
    await refused(/damaged/);
    await writeFile(manifestFile, manifest.slice(0, -20));
    await refused(/damaged/);
    await writeFile(manifestFile, manifest);
    await truncate(path.join(source, 'identity/authority-key.pem'), 10);
    await refused(/The backup is damaged: identity\/authority-key\.pem/);
    await expect(restoreBackup(place.folder, target)).rejects.toThrow(/no whole backup/);
  });

  test.runIf(isPostgres)('does not start with the keys of another server', async () => {
    if (postgres === null) throw new Error('it is started above');
    const foreign = path.join(place.folder, 'foreign');
    await mkdir(foreign);
    const copy = postgresAddress(postgres.urlOf('copied'));
    await expect(startTestServer(foreign, { postgres: copy })).rejects.toMatchObject({ code: 'identity-missing' });
  });

  test.runIf(isPostgres)('whose database is down says so and goes on with what it knows', async () => {
    if (postgres === null) throw new Error('it is started above');
    const agent = await place.enrol();
    await configurationOf(agent);
    await postgres.halt();
    const refused = await sendEvents(agent, [1]);
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5']);
    const saved = await server.call('createSite', { body: siteDraft }).catch((error: unknown) => error);
    expect(saved).toMatchObject({ message: expect.stringMatching(/database of the server does not answer/) });
    const ill = await ask(server, '/api/v1/health');
    const health = healthSchema.parse(await ill.json());
    expect([ill.status, health.status, health.database.answers]).toEqual([503, 'degraded', false]);
    expect(health.reasons.join()).toBe('The database does not answer.');
    expect((await configurationOf(agent)).groupKeys.length).toBeGreaterThan(0);
    await postgres.run();
    await eventually('it is well', async () => ((await ask(server, '/api/v1/health')).status === 200 ? true : null));
    expect((await sendEvents(agent, [1])).json()).toEqual({ acknowledgedSequence: 1 });
    await server.call('createSite', { body: siteDraft });
    expect((await server.call('sites', {})).map(({ name }) => name)).toContain('After');
  });
});

test('one backup at a time, and what it says is what the contract says', async () => {
  const place = await ServerPlace.start();
  const body = (name: string) => ({ folder: path.join(place.folder, name), packages: false });
  const [first, second] = await Promise.allSettled([
    place.server.call('startBackup', { body: body('a') }),
    place.server.call('startBackup', { body: body('b') }),
  ]);
  expect(first).toMatchObject({ status: 'fulfilled' });
  expect(second).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/is running/) } });
  expect(backupJobSchema.strict().parse(await place.server.call('backup', {})).folder).toBe(body('a').folder);
  await place.stop();
});

function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n');
  expect(lines.at(-1)).toBe('');
  const samples = new Map<string, number>();
  for (const line of lines.slice(0, -1)) {
    const match = /^(?:# (?:HELP|TYPE) \S+ .+|(\S+) (-?[\d.e+-]+|NaN))$/.exec(line);
    expect(match, line).not.toBe(null);
    if (match?.[1] !== undefined) samples.set(match[1], Number(match[2]));
  }
  return samples;
}
