import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { DatabaseAccess } from '../database-access.ts';
import { DatabaseRefusedError } from '../database-errors.ts';
import { migrateToLatest } from '../migrate.ts';
import type { Schema } from '../schema.ts';
import type { PostgresAddress } from './postgres-address.ts';
import { applicationName } from './postgres-lock.ts';
import { clientConfig, PostgresSession, unavailable } from './postgres-session.ts';
import { PostgresWriter } from './postgres-writer.ts';

/** Reports read for a while; the writer has a connection of its own and never waits for them. */
const readingConnections = 4;
/** Sums over tens of thousands of agents stay in memory: with the server's usual 4 MB they would be sorted on its disk. */
const readingOptions = '-c work_mem=32MB';

/**
 * Opens a PostgreSQL database, migrating it as needed, and holds its lock until it is closed. Throws
 * `DatabaseRefusedError` with a sentence, without the password, where that is not possible.
 */
export async function openPostgres(address: PostgresAddress): Promise<DatabaseAccess> {
  let writer: PostgresWriter;
  try {
    writer = await PostgresWriter.open(address, (database) => prepare(database, address));
  } catch (error) {
    throw refusalOf(error, address);
  }
  const reading = readingPool(address);
  const database = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: reading }) });
  return {
    kind: 'postgresql',
    name: address.shown,
    database,
    writer,
    problem: () => writer.problem,
    copyTo: null,
    onTakenOver: (listener) => writer.onTakenOver(listener),
    close: async () => {
      await database.destroy();
      await writer.close();
    },
  };
}

async function prepare(database: Kysely<Schema>, address: PostgresAddress): Promise<void> {
  const setting = async (name: string) => {
    const { rows } = await sql<{ value: string }>`SELECT current_setting(${name}) AS value`.execute(database);
    return rows[0]?.value ?? '';
  };
  if (Number(await setting('server_version_num')) < 120_000) throw unsuitable(address, 'is older than PostgreSQL 12');
  if ((await setting('server_encoding')) !== 'UTF8') throw unsuitable(address, 'does not store text as UTF8');
  if ((await setting('transaction_read_only')) === 'on') throw unsuitable(address, 'is a copy that can only be read');
  await migrateToLatest(database, address.shown);
}

function unsuitable({ shown }: PostgresAddress, why: string): DatabaseRefusedError {
  return new DatabaseRefusedError('unsuitable', `The database ${shown} ${why}. Fanout cannot use it.`);
}

function refusalOf(error: unknown, { shown }: PostgresAddress): DatabaseRefusedError {
  if (error instanceof DatabaseRefusedError) return error;
  const root = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message } = root as { code?: unknown; message?: unknown };
  const refuse = (kind: DatabaseRefusedError['code'], sentence: string) =>
    new DatabaseRefusedError(kind, sentence, error);
  if (code === '28P01' || code === '28000') {
    return refuse('unreachable', `The database ${shown} refuses the user or the password (${String(message)}).`);
  }
  if (code === '3D000') {
    return refuse('unreachable', `There is no database ${shown}. Create it first, for example with createdb.`);
  }
  if (error instanceof Error && error.message.includes('brought to this version')) {
    return refuse('unsuitable', `${error.message} ${String(message)}`);
  }
  const why = String(message || code);
  return refuse('unreachable', `The database ${shown} cannot be reached (${why}).`);
}

function readingPool(address: PostgresAddress) {
  const pool = new pg.Pool({
    ...clientConfig(address, applicationName()),
    options: readingOptions,
    max: readingConnections,
  });
  const sessions = new WeakMap<pg.PoolClient, PostgresSession>();
  // A connection that rests and is cut is replaced by the pool; whoever needs one that cannot be had is told.
  pool.on('error', () => undefined);
  return {
    options: {},
    connect: async () => {
      const client = await pool.connect().catch((error: unknown) => {
        throw unavailable(error);
      });
      const session = sessions.get(client) ?? new PostgresSession(client);
      sessions.set(client, session);
      session.onRelease((isLost) => client.release(isLost));
      return session.poolClient;
    },
    end: () => pool.end(),
  };
}
