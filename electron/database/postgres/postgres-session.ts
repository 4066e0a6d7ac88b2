import type { PostgresCursor, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';
import { DatabaseUnavailableError } from '../database-errors.ts';
import { storable } from '../storable-text.ts';
import type { PostgresAddress } from './postgres-address.ts';
import { postgresDdl } from './postgres-ddl.ts';
import { postgresTypes } from './postgres-values.ts';

const connectTimeoutMs = 5000;
/** Longer than the server's own limit for a statement: who does not answer until then is gone. */
const queryTimeoutMs = 20_000;
const statementTimeoutMs = 15_000;
/** Statements that are parsed once for each connection; lists of different lengths must not fill the server's memory. */
const maximumPrepared = 256;

export function clientConfig(address: PostgresAddress, applicationName: string): pg.ClientConfig {
  return {
    connectionString: address.url,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: postgresTypes,
  };
}

/**
 * Whether the server refused the statement and goes on. Everything else (no server, a server that shuts down, a full disk,
 * a server that has become a read-only copy) ends the connection: the next one may find a better place.
 */
function isRefusedStatement(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError) || error.severity !== 'ERROR') return false;
  const { code = '' } = error;
  return !code.startsWith('53') && !code.startsWith('08') && code !== '25006';
}

export function unavailable(error: unknown): DatabaseUnavailableError {
  const why = error instanceof Error ? error.message : String(error);
  return new DatabaseUnavailableError(`The database does not answer (${why}).`, { cause: error });
}

/** One connection, as Kysely uses it. It is lost for good at the first failure that is not about a statement. */
export class PostgresSession {
  readonly #client: pg.Client | pg.PoolClient;
  readonly #prepared = new Map<string, string>();
  /** As Kysely sees it, which knows it again by its identity. */
  readonly poolClient: PostgresPoolClient;
  #onRelease: (isLost: boolean) => void = () => undefined;
  #isMigrating = false;
  #lost: DatabaseUnavailableError | null = null;
  #onLost: (error: DatabaseUnavailableError) => void = () => undefined;

  constructor(client: pg.Client | pg.PoolClient) {
    this.#client = client;
    this.poolClient = this.#asPoolClient();
    client.on('error', (error) => this.#lose(error));
    client.on('end', () => this.#lose(new Error('the connection was closed')));
  }

  /** Rejects with the driver's error. */
  static async connect(address: PostgresAddress, applicationName: string): Promise<PostgresSession> {
    const client = new pg.Client(clientConfig(address, applicationName));
    const session = new PostgresSession(client);
    await client.connect();
    return session;
  }

  get lost(): DatabaseUnavailableError | null {
    return this.#lost;
  }

  onLost(listener: (error: DatabaseUnavailableError) => void): void {
    this.#onLost = listener;
  }

  /** Called when Kysely gives the connection back. */
  onRelease(listener: (isLost: boolean) => void): void {
    this.#onRelease = listener;
  }

  async query<Row>(text: string, parameters: readonly unknown[] = []): Promise<PostgresQueryResult<Row>> {
    if (this.#lost !== null) throw this.#lost;
    try {
      const { command, rowCount, rows } = await this.#client.query(this.#queryOf(text, parameters));
      return { command: command as PostgresQueryResult<Row>['command'], rowCount: rowCount ?? 0, rows };
    } catch (error) {
      if (isRefusedStatement(error)) throw error;
      throw this.#lose(error);
    }
  }

  /** Migrations are translated, and may take as long as they need. */
  async migrating(migrate: () => Promise<void>): Promise<void> {
    await this.query('SET statement_timeout = 0');
    this.#isMigrating = true;
    try {
      await migrate();
    } finally {
      this.#isMigrating = false;
    }
    await this.query(`SET statement_timeout = ${statementTimeoutMs}`);
  }

  async end(): Promise<void> {
    this.#onLost = () => undefined;
    if (this.#client instanceof pg.Client) await this.#client.end();
  }

  #asPoolClient(): PostgresPoolClient {
    const session = this;
    function query<Row>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
    function query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
    function query<Row>(
      text: string | PostgresCursor<Row>,
      parameters: readonly unknown[] = [],
    ): Promise<PostgresQueryResult<Row>> | PostgresCursor<Row> {
      if (typeof text !== 'string') throw new Error('rows are never read by a cursor here');
      return session.query<Row>(text, parameters);
    }
    return { query, release: () => this.#onRelease(this.#lost !== null) };
  }

  #queryOf(text: string, parameters: readonly unknown[]): pg.QueryConfig & { query_timeout?: number } {
    const values = parameters.map(storable);
    // The driver takes 0 for "as configured"; a day is as good as no limit.
    if (this.#isMigrating) return { text: postgresDdl(text), values, query_timeout: 24 * 60 * 60 * 1000 };
    const name = this.#nameOf(text);
    return name === null ? { text, values } : { text, values, name };
  }

  #nameOf(text: string): string | null {
    if (!/^\s*(select|insert|update|delete)\b/i.test(text)) return null;
    const known = this.#prepared.get(text);
    if (known !== undefined) return known;
    if (this.#prepared.size >= maximumPrepared) return null;
    const name = `fanout-${this.#prepared.size}`;
    this.#prepared.set(text, name);
    return name;
  }

  #lose(error: unknown): DatabaseUnavailableError {
    if (this.#lost !== null) return this.#lost;
    this.#lost = unavailable(error);
    // A query that timed out is still under way: only the end of its connection ends it.
    if (this.#client instanceof pg.Client) this.#client.end().catch(() => undefined);
    this.#onLost(this.#lost);
    return this.#lost;
  }
}
