import { randomUUID } from 'node:crypto';
import type { PostgresPool } from 'kysely';
import { Kysely, PostgresDialect } from 'kysely';
import { DatabaseRefusedError, type DatabaseUnavailableError } from '../database-errors.ts';
import type { DatabaseWriter, WriteTransaction } from '../database-writer.ts';
import type { Schema } from '../schema.ts';
import { writeServerSetting } from '../stores/server-setting-store.ts';
import type { PostgresAddress } from './postgres-address.ts';
import { applicationName, takeLock } from './postgres-lock.ts';
import { PostgresSession } from './postgres-session.ts';

const firstBackOffMs = 100;
const maximumBackOffMs = 1000;

/**
 * The one connection that writes: it holds the advisory lock, so that who has lost it cannot write. Each transaction
 * leaves its mark in the database. After a connection was lost during a commit the mark tells whether it happened, and
 * also whether another server wrote meanwhile; then this one must not go on with what it remembers.
 */
export class PostgresWriter implements DatabaseWriter {
  /** A transaction does not hold the event loop here; what arrives while the server answers shares its flush. */
  readonly maximumBatchMs = 40;
  readonly database: Kysely<Schema>;
  readonly #address: PostgresAddress;
  readonly #runId = randomUUID();
  readonly #turns = new Turns();
  #session: PostgresSession;
  #backendPid = 0;
  #transactions = 0;
  /** What the database says, or said before a commit that is not known to have happened: that one's mark is unsure. */
  #committedMark = '';
  #unsureMark: string | null = null;
  #outage: { readonly error: DatabaseUnavailableError; readonly over: Promise<void> } | null = null;
  #isClosed = false;
  #onTakenOver: (error: DatabaseRefusedError) => void = () => undefined;

  private constructor(address: PostgresAddress, session: PostgresSession) {
    this.#address = address;
    this.#session = session;
    this.database = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: this.#pool() }) });
  }

  /** Connects and takes the lock; `prepare` brings the database to this version. Rejects with what the driver says. */
  static async open(address: PostgresAddress, prepare: (database: Kysely<Schema>) => Promise<void>) {
    const session = await PostgresSession.connect(address, applicationName());
    try {
      await takeLock(session, address);
      const writer = new PostgresWriter(address, session);
      writer.#backendPid = await prepareSession(session);
      await session.migrating(() => prepare(writer.database));
      writer.#committedMark = writer.#nextMark();
      await writeServerSetting(writer.database, 'last-write', writer.#committedMark);
      writer.#watch(session);
      return writer;
    } catch (error) {
      await session.end();
      throw error;
    }
  }

  /** Null while it answers. */
  get problem(): string | null {
    return this.#outage?.error.message ?? null;
  }

  /** Another server has the database: this one has to stop. */
  onTakenOver(listener: (error: DatabaseRefusedError) => void): void {
    this.#onTakenOver = listener;
  }

  async available(): Promise<void> {
    await this.#outage?.over;
  }

  async transact<Result>(run: (transaction: WriteTransaction) => Promise<Result>): Promise<Result> {
    const session = this.#session;
    const mark = this.#nextMark();
    let finished: { readonly result: Result } | null = null;
    try {
      const result = await this.database.transaction().execute(async (transaction) => {
        const value = await run(transaction);
        await writeServerSetting(transaction, 'last-write', mark);
        this.#unsureMark = mark;
        finished = { result: value };
        return value;
      });
      this.#committedMark = mark;
      return result;
    } catch (error) {
      if (session.lost === null) throw error;
      // Not read by the compiler as what the callback may have made of it.
      const outcome = finished as { readonly result: Result } | null;
      if (outcome !== null) {
        await this.#outage?.over;
        if (this.#committedMark === mark) return outcome.result;
      }
      throw session.lost;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.database.destroy();
    await this.#session.end();
  }

  #nextMark(): string {
    return `${this.#runId}:${this.#transactions++}`;
  }

  /** Kysely's view of it: always the connection of now, to one at a time. */
  #pool(): PostgresPool {
    return {
      options: {},
      connect: async () => {
        const release = await this.#turns.take();
        const error = this.#outage?.error ?? this.#session.lost;
        if (error !== null && error !== undefined) {
          release();
          throw error;
        }
        const session = this.#session;
        session.onRelease(release);
        return session.poolClient;
      },
      end: async () => undefined,
    };
  }

  #watch(session: PostgresSession): void {
    if (session.lost !== null) this.#reconnect(session.lost);
    else session.onLost((error) => this.#reconnect(error));
  }

  #reconnect(error: DatabaseUnavailableError): void {
    if (this.#isClosed) return;
    this.#outage = { error, over: this.#reconnectUntilDone() };
  }

  /** Resolves when the database answers and still is this server's; never after another one took it. */
  async #reconnectUntilDone(): Promise<void> {
    for (let backOffMs = firstBackOffMs; !this.#isClosed; backOffMs = Math.min(backOffMs * 2, maximumBackOffMs)) {
      await new Promise((resolve) => setTimeout(resolve, backOffMs));
      try {
        await this.#connectAgain();
        return;
      } catch (error) {
        if (error instanceof DatabaseRefusedError) {
          this.#onTakenOver(error);
          break;
        }
      }
    }
    await new Promise(() => undefined);
  }

  async #connectAgain(): Promise<void> {
    const session = await PostgresSession.connect(this.#address, applicationName());
    try {
      await takeLock(session, this.#address, this.#backendPid);
      const { rows } = await session.query<{ value: string }>(
        `SELECT value FROM server_settings WHERE name = 'last-write'`,
      );
      const mark = rows[0]?.value ?? '';
      if (mark !== this.#committedMark && mark !== this.#unsureMark) throw this.#writtenByAnother();
      this.#committedMark = mark;
      this.#unsureMark = null;
      this.#backendPid = await prepareSession(session);
    } catch (error) {
      await session.end();
      throw error;
    }
    this.#session = session;
    this.#outage = null;
    this.#watch(session);
  }

  #writtenByAnother(): DatabaseRefusedError {
    return new DatabaseRefusedError(
      'in-use',
      `The database ${this.#address.shown} was written by another Fanout server, or set back, while this one could not ` +
        'reach it. This server stops, because what it remembers is no longer true; start it again to go on.',
    );
  }
}

/** What is acknowledged is on disk, even where the administrator has said otherwise for others. Its backend's number. */
async function prepareSession(session: PostgresSession): Promise<number> {
  await session.query(
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
  );
  // A server whose computer or line is gone gives up its lock after a minute, not after the two hours of the system.
  await session.query('SET tcp_keepalives_idle = 30');
  await session.query('SET tcp_keepalives_interval = 10');
  await session.query('SET tcp_keepalives_count = 3');
  const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid ?? 0;
}

/** One at a time, in the order of asking. */
class Turns {
  #last: Promise<void> = Promise.resolve();

  async take(): Promise<() => void> {
    const before = this.#last;
    let release: () => void = () => undefined;
    this.#last = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  }
}
