import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseAccess } from '../../electron/database/database-access.ts';
import { DatabaseRefusedError } from '../../electron/database/database-errors.ts';
import { migrations } from '../../electron/database/migrations/migration-list.ts';
import { addSentBytes, loadSentBytes } from '../../electron/database/stores/sent-bytes-store.ts';
import { readServerSetting, writeServerSetting } from '../../electron/database/stores/server-setting-store.ts';
import { WriteBatcher } from '../../electron/database/write-batcher.ts';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { AgentId, PackageGuid } from '../../shared/base/ids.ts';
import { postgresAccess } from '../support/postgres-access.ts';
import { isPostgresMissing, PostgresServer } from '../support/postgres-server.ts';

const agentId = 'a'.repeat(32) as AgentId;
const key = packageKeyOf('00000000-0000-4000-8000-000000000001' as PackageGuid, '1.0');

interface Column {
  readonly place: string;
  readonly type: string;
}

describe.skipIf(isPostgresMissing())('a PostgreSQL database', () => {
  let server: PostgresServer;
  let url: string;
  let access: DatabaseAccess;
  let writes: WriteBatcher;

  const backends = () =>
    server.administer<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'Fanout on %' AND datname = '${nameOf(url)}'`,
    );
  const cutConnections = async () => {
    for (const { pid } of await backends()) await server.administer(`SELECT pg_terminate_backend(${pid})`);
  };
  const write = (value: string) =>
    writes.write((transaction) => writeServerSetting(transaction, 'agent-package', value));
  const stored = () => readServerSetting(access.database, 'agent-package');

  beforeAll(async () => {
    server = await PostgresServer.start();
  }, 60_000);
  afterAll(() => server.stop());
  beforeEach(async () => {
    url = await server.createDatabase();
    access = await postgresAccess(url);
    writes = new WriteBatcher(access.writer);
  });
  afterEach(() => access.close());

  test('has every migration, in types that hold what SQLite holds', async () => {
    const name = nameOf(url);
    const done = await server.administer<{ name: string }>('SELECT name FROM kysely_migration ORDER BY name', name);
    expect(done.map((row) => row.name)).toEqual(Object.keys(migrations).sort());
    const columns = await server.administer<Column>(
      `SELECT table_name || '.' || column_name AS place, data_type || coalesce(' ' || collation_name, '') AS type
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'kysely_%'`,
      name,
    );
    expect(columns.length).toBeGreaterThan(80);
    expect(columns.filter(({ type }) => !['bigint', 'double precision', 'text C'].includes(type))).toEqual([]);
  });

  test('is open to one server at a time, and the second is told whose it is', async () => {
    const refused = await postgresAccess(url).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DatabaseRefusedError);
    expect(refused).toMatchObject({ code: 'in-use' });
    expect((refused as Error).message).toMatch(/uses the database fanout_\d+ at 127\.0\.0\.1:\d+: Fanout on /);
    expect((refused as Error).message).toContain(`process ${process.pid}`);
    await access.close();
    access = await postgresAccess(url);
  });

  test('opens again with its content', async () => {
    await write('kept');
    await access.close();
    access = await postgresAccess(url);
    expect(await stored()).toBe('kept');
  });

  test('says in a sentence, without the password, why it cannot be used', async () => {
    const refusalOf = async (text: string): Promise<string> => {
      const error: unknown = await postgresAccess(text).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(DatabaseRefusedError);
      return (error as Error).message;
    };
    expect(await refusalOf(server.urlOf('nowhere'))).toMatch(/^There is no database nowhere at 127/);
    expect(await refusalOf('postgres://u:secret@127.0.0.1:1/x')).toMatch(/^The database x at 127.0.0.1:1 cannot be/);
    await server.administer(`CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0`);
    expect(await refusalOf(server.urlOf('ascii'))).toMatch(/does not store text as UTF8/);
    for (const text of [server.urlOf('nowhere'), server.urlOf('ascii')]) {
      expect(await refusalOf(text)).not.toContain('secret');
    }
  });

  test('an integer that a number cannot hold is an error, and no wrong number', async () => {
    await access.writer.transact(async (transaction) => {
      const portion = { package_key: 'p', agent_id: 'a', subnet: 's', site_id: '', bytes: Number.MAX_SAFE_INTEGER };
      await transaction.insertInto('sent_bytes').values(portion).execute();
      await transaction
        .insertInto('sent_bytes')
        .values({ ...portion, subnet: 't' })
        .execute();
    });
    const sum = access.database.selectFrom('sent_bytes').select(({ fn }) => fn.sum<number>('bytes').as('sum'));
    await expect(sum.execute()).rejects.toThrow(/too large/);
    expect((await access.database.selectFrom('sent_bytes').select('bytes').execute())[0]?.bytes).toBe(
      Number.MAX_SAFE_INTEGER,
    );
  });

  test('whose connections are cut is written to and read again, and no write is lost or done twice', async () => {
    const count = 40;
    const numbers = Array.from({ length: count }, (_value, index) => index);
    let cuts = 0;
    const adding = numbers.map((index) =>
      writes.write(async (transaction) => {
        // Fails, if done twice.
        await transaction
          .insertInto('server_settings')
          .values({ name: `s${index}`, value: 'x' })
          .execute();
        if (index % 10 === 5 && cuts++ < 6) await cutConnections();
      }),
    );
    await Promise.all(adding);
    expect(cuts).toBeGreaterThan(3);
    expect(access.problem()).toBe(null);
    expect(
      await access.database.selectFrom('server_settings').selectAll().where('name', 'like', 's%').execute(),
    ).toHaveLength(count);
  });

  test('that is down says so, refuses writes in words after a while, and is there again when it runs', async () => {
    await write('before');
    await server.halt();
    const refused = await write('never').catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'DatabaseUnavailableError' });
    expect(access.problem()).toMatch(/does not answer/);
    await expect(stored()).rejects.toMatchObject({ name: 'DatabaseUnavailableError' });
    const waiting = write('after');
    await server.run();
    await waiting;
    expect([access.problem(), await stored()]).toEqual([null, 'after']);
  });

  test.each(['that arrived, without its answer', 'that did not arrive, in a session that lives on'])(
    'a commit %s is known for what it was',
    async (_case) => {
      const isForwarded = _case.startsWith('that arrived');
      const proxy = await CommitCutter.start(server.port);
      await access.close();
      access = await postgresAccess(url.replace(`:${server.port}/`, `:${proxy.port}/`));
      writes = new WriteBatcher(access.writer);
      let runs = 0;
      proxy.cutNextCommit(isForwarded);
      await writes.write(async (transaction) => {
        runs++;
        await addSentBytes(transaction, [{ key, agentId, subnet: '10.0.0.0/24', siteId: null, bytes: 7 }]);
      });
      expect([runs, (await loadSentBytes(access.database))[0]?.bytes]).toEqual([isForwarded ? 1 : 2, 7]);
      await access.close();
      await proxy.stop();
      access = await postgresAccess(url);
    },
  );

  test('that another server took while it was out of reach is given up', async () => {
    const taken = new Promise<string>((resolve) => access.onTakenOver(({ message }) => resolve(message)));
    const other = new pg.Client({ connectionString: url, application_name: 'somebody' });
    await other.connect();
    const [own] = await server.administer<{ classid: number; objid: number }>(
      "SELECT classid, objid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2",
    );
    // It waits in the queue, and so is the next to have the lock.
    const locked = other.query(`SELECT pg_advisory_lock(${own?.classid}, ${own?.objid})`);
    await cutConnections();
    await locked;
    expect(await taken).toMatch(/Another Fanout server uses the database .*: somebody, from 127\.0\.0\.1/);
    await expect(write('never')).rejects.toMatchObject({ name: 'DatabaseUnavailableError' });
    await other.end();
  });

  test('that another server wrote while it was out of reach is given up', async () => {
    const taken = new Promise<string>((resolve) => access.onTakenOver(({ message }) => resolve(message)));
    await server.administer("UPDATE server_settings SET value = 'x' WHERE name = 'last-write'", nameOf(url));
    await cutConnections();
    expect(await taken).toMatch(/was written by another Fanout server/);
  });
});

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

/** Stands between a server and its database, and cuts the line at a commit. */
class CommitCutter {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #mode: 'pass' | 'forward-and-cut' | 'cut' = 'pass';

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(databasePort: number): Promise<CommitCutter> {
    const server = createServer();
    const cutter = new CommitCutter(server);
    server.on('connection', (near) => cutter.#join(near, connect(databasePort, '127.0.0.1')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return cutter;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  cutNextCommit(isForwarded: boolean): void {
    this.#mode = isForwarded ? 'forward-and-cut' : 'cut';
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket, far: Socket): void {
    let isCut = false;
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
    }
    near.on('data', (data) => {
      if (isCut) return;
      if (this.#mode === 'pass' || !data.includes('commit\0')) {
        far.write(data);
        return;
      }
      isCut = true;
      // The database's side stays open: it does not know that nobody is there any more.
      if (this.#mode === 'cut') near.destroy();
      else {
        far.write(data);
        far.once('data', () => near.destroy());
      }
      this.#mode = 'pass';
    });
    far.on('data', (data) => {
      if (!isCut) near.write(data);
    });
    near.on('close', () => {
      if (!isCut) far.destroy();
    });
    far.on('close', () => near.destroy());
  }
}
