import { hostname } from 'node:os';
import { DatabaseRefusedError } from '../database-errors.ts';
import type { PostgresAddress } from './postgres-address.ts';
import type { PostgresSession } from './postgres-session.ts';

/** Any number, the same for ever: advisory locks are per database. "FANO" "UT01" */
const lockKeys = [0x46414e4f, 0x55543031] as const;

/** What the administrators of the database see of this process, and what a second server names. At most 63 bytes. */
export function applicationName(): string {
  const process_ = ` process ${process.pid}`;
  return `Fanout on ${hostname().slice(0, 63 - 'Fanout on '.length - process_.length)}${process_}`;
}

/** The session of a server that was killed ends when PostgreSQL is done with its last statement. */
const maximumWaitMs = 3000;

interface LockHolder {
  readonly pid: number;
  readonly name: string;
  readonly address: string | null;
  readonly since: string | null;
}

/**
 * Takes the lock for as long as the session lives. A session that this process has lost may live on at the server, which
 * notices a cut line late: `previous` is ended, and that of another server is waited for a little. Throws
 * `DatabaseRefusedError` `in-use`, naming who holds the lock.
 */
export async function takeLock(
  session: PostgresSession,
  address: PostgresAddress,
  previous: number | null = null,
): Promise<void> {
  const endMs = performance.now() + maximumWaitMs;
  for (;;) {
    const { rows } = await session.query<{ taken: boolean }>(
      `SELECT pg_try_advisory_lock(${lockKeys[0]}, ${lockKeys[1]}) AS taken`,
    );
    if (rows[0]?.taken === true) return;
    const holder = await holderOf(session);
    const isOwn = holder !== null && holder.pid === previous && holder.name === applicationName();
    if (performance.now() > endMs) {
      if (holder !== null) throw inUse(address, holder);
      throw new DatabaseRefusedError('in-use', `The lock of the database ${address.shown} is not free.`);
    }
    if (isOwn) await session.query('SELECT pg_terminate_backend($1)', [holder.pid]);
    await session.query('SELECT pg_sleep(0.1)');
  }
}

async function holderOf(session: PostgresSession): Promise<LockHolder | null> {
  const { rows } = await session.query<LockHolder>(
    `SELECT activity.pid AS pid, coalesce(activity.application_name, '') AS name, host(activity.client_addr) AS address,
        to_char(activity.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS since
      FROM pg_locks AS locks JOIN pg_stat_activity AS activity ON activity.pid = locks.pid
      WHERE locks.locktype = 'advisory' AND locks.granted AND locks.objsubid = 2
        AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND locks.classid = ${lockKeys[0]}::oid AND locks.objid = ${lockKeys[1]}::oid`,
  );
  return rows[0] ?? null;
}

function inUse({ shown }: PostgresAddress, { pid, name, address, since }: LockHolder): DatabaseRefusedError {
  const who = [name || 'unnamed', address && `from ${address}`, since && `since ${since} UTC`]
    .filter(Boolean)
    .join(', ');
  return new DatabaseRefusedError(
    'in-use',
    `Another Fanout server uses the database ${shown}: ${who} ` +
      `(backend ${pid} of PostgreSQL). One database belongs to one server at a time; stop that one first.`,
  );
}
