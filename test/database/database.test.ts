import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../electron/database/database.ts';
import { openDatabase } from '../../electron/database/database.ts';
import { DatabaseFullError } from '../../electron/database/database-errors.ts';
import { embeddedWriter } from '../../electron/database/database-writer.ts';
import { readServerSetting, writeServerSetting } from '../../electron/database/stores/server-setting-store.ts';
import { WriteBatcher } from '../../electron/database/write-batcher.ts';

let folder: string;
let file: string;
let database: Database;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fanout-database-'));
  file = path.join(folder, 'fanout.db');
  database = await openDatabase(file);
});

afterEach(async () => {
  await database.destroy();
  await rm(folder, { recursive: true, force: true });
});

async function pragma(name: string): Promise<unknown> {
  const { rows } = await sql<Record<string, unknown>>`PRAGMA ${sql.raw(name)}`.execute(database);
  return Object.values(rows[0] ?? {})[0];
}

describe('the database', () => {
  test('writes ahead, waits for the disk and checks references', async () => {
    expect([await pragma('journal_mode'), await pragma('synchronous'), await pragma('foreign_keys')]).toEqual([
      'wal',
      2,
      1,
    ]);
  });

  test('has strict tables only', async () => {
    const { rows } = await sql<{ name: string; strict: number }>`PRAGMA table_list`.execute(database);
    const own = rows.filter(({ name }) => !name.startsWith('sqlite_') && !name.startsWith('kysely_'));
    expect(own.length).toBeGreaterThan(10);
    expect(own.filter(({ strict }) => strict !== 1)).toEqual([]);
  });

  test('is migrated once and opens again with its content', async () => {
    await writeServerSetting(database, 'server-id', 'kept');
    await database.destroy();
    database = await openDatabase(file);
    expect(await readServerSetting(database, 'server-id')).toBe('kept');
  });

  test('that was migrated in another order is brought to this version', async () => {
    await sql`DROP TABLE api_tokens`.execute(database);
    await sql`DROP TABLE accounts`.execute(database);
    await sql`DELETE FROM kysely_migration WHERE name = '0005-people'`.execute(database);
    await database.destroy();
    database = await openDatabase(file);
    const { rows } = await sql<{ name: string }>`SELECT name FROM sqlite_master`.execute(database);
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['accounts', 'api_tokens']));
  });

  test('of a later version is refused instead of misread', async () => {
    const later = { name: '9999-from-the-future', timestamp: new Date(0).toISOString() };
    await sql`INSERT INTO kysely_migration (name, timestamp) VALUES (${later.name}, ${later.timestamp})`.execute(
      database,
    );
    await expect(openDatabase(file)).rejects.toThrow(/later version of Fanout \(9999-from-the-future\)/);
  });
});

describe('the write batcher', () => {
  const write = (name: string) => async (transaction: Parameters<Parameters<WriteBatcher['write']>[0]>[0]) => {
    await sql`INSERT INTO server_settings (name, value) VALUES (${name}, 'x')`.execute(transaction);
    return name;
  };
  const names = async (): Promise<string[]> =>
    (await sql<{ name: string }>`SELECT name FROM server_settings ORDER BY name`.execute(database)).rows.map(
      ({ name }) => name,
    );

  test('resolves a write when another connection can read it', async () => {
    const writes = new WriteBatcher(embeddedWriter(database));
    expect(await writes.write(write('a'))).toBe('a');
    const other = await openDatabase(file);
    const { rows } = await sql<{ name: string }>`SELECT name FROM server_settings`.execute(other);
    expect(rows).toEqual([{ name: 'a' }]);
    await other.destroy();
  });

  test('a write that fails is told so, and takes none of its neighbours with it', async () => {
    const writes = new WriteBatcher(embeddedWriter(database));
    const results = await Promise.allSettled([
      writes.write(write('a')),
      writes.write(async (transaction) => {
        await write('half')(transaction);
        throw new Error('refused');
      }),
      writes.write(write('b')),
      writes.write(write('a')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
    expect(await names()).toEqual(['a', 'b']);
  });

  test('says that the disk is full, changes nothing, and goes on when there is room', async () => {
    const writes = new WriteBatcher(embeddedWriter(database));
    const large = async (transaction: Parameters<Parameters<WriteBatcher['write']>[0]>[0]) => {
      await write('large')(transaction);
      await sql`UPDATE server_settings SET value = ${'x'.repeat(1_000_000)} WHERE name = 'large'`.execute(transaction);
    };
    await writes.write(write('a'));
    await sql`PRAGMA max_page_count = ${sql.raw(String(await pragma('page_count')))}`.execute(database);
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(writes.write(large)).rejects.toThrow(DatabaseFullError);
      expect(await names()).toEqual(['a']);
    }
    await sql`PRAGMA max_page_count = 1000000`.execute(database);
    await writes.write(large);
    expect(await names()).toEqual(['a', 'large']);
  });

  test('flush waits for everything that was handed in', async () => {
    const writes = new WriteBatcher(embeddedWriter(database));
    const all = Array.from({ length: 500 }, (_value, index) => writes.write(write(`n${index}`)));
    await writes.flush();
    expect((await names()).length).toBe(500);
    await Promise.all(all);
  });
});
