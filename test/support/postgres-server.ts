import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';

/** Where Debian and others put the programs of the server; it is not on the PATH there. */
const homes = ['/usr/lib/postgresql', '/usr/local/pgsql', '/opt/homebrew/opt/postgresql'];
const startDeadlineMs = 30_000;
/** Stops it the hard way when the input ends: on `halt`, and also when whoever started it was killed. */
const endWithInput = '"$@" & postgres=$!; cat >/dev/null; kill -QUIT $postgres; wait $postgres';

interface Binaries {
  readonly folder: string;
  /** PostgreSQL refuses to run as root: then, somebody else. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
}

/** The programs of a PostgreSQL server, or why there are none. */
export function findPostgres(): Binaries | { readonly missing: string } {
  const candidates = homes.flatMap((home) =>
    existsSync(home) ? [path.join(home, 'bin'), ...readdirSync(home).map((name) => path.join(home, name, 'bin'))] : [],
  );
  const folder = candidates.reverse().find((candidate) => existsSync(path.join(candidate, 'initdb')));
  if (folder === undefined) return { missing: 'no PostgreSQL server (Debian: apt-get install postgresql)' };
  if (process.getuid?.() !== 0) return { folder, user: null };
  for (const name of ['postgres', 'nobody']) {
    const id = (flag: string) => Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout);
    if (id('-u') > 0) return { folder, user: { uid: id('-u'), gid: id('-g') } };
  }
  return { missing: 'PostgreSQL does not run as root, and there is no user called postgres or nobody' };
}

/** For `describe.skipIf`: says once in the file's output why PostgreSQL is left out. */
export function isPostgresMissing(): boolean {
  const found = findPostgres();
  if ('missing' in found) console.log(`skipped over PostgreSQL: ${found.missing}`);
  return 'missing' in found;
}

/** A PostgreSQL server of the test's own on 127.0.0.1, with its data in a temporary folder. */
export class PostgresServer {
  readonly port: number;
  readonly #binaries: Binaries;
  readonly #folder: string;
  readonly #isDurable: boolean;
  #process: ChildProcess | null = null;
  #databases = 0;

  private constructor(binaries: Binaries, folder: string, port: number, isDurable: boolean) {
    this.#binaries = binaries;
    this.#folder = folder;
    this.port = port;
    this.#isDurable = isDurable;
  }

  /** `isDurable`: waits for the disk as a real one does. */
  static async start({ isDurable = false } = {}): Promise<PostgresServer> {
    const binaries = findPostgres();
    if ('missing' in binaries) throw new Error(binaries.missing);
    const folder = await mkdtemp(path.join(tmpdir(), 'fanout-postgres-'));
    if (binaries.user !== null) chownSync(folder, binaries.user.uid, binaries.user.gid);
    const initdb = ['--pgdata', path.join(folder, 'data'), '--username=fanout', '--auth=trust', '--encoding=UTF8'];
    execFileSync(path.join(binaries.folder, 'initdb'), [...initdb, '--locale=C.UTF-8', '--no-sync'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      cwd: folder,
      ...binaries.user,
    });
    const server = new PostgresServer(binaries, folder, await freePort(), isDurable);
    await server.run();
    return server;
  }

  /** Of a new, empty database. */
  async createDatabase(): Promise<string> {
    const name = `fanout_${++this.#databases}`;
    await this.administer(`CREATE DATABASE ${name}`);
    return this.urlOf(name);
  }

  urlOf(database: string): string {
    return `postgres://fanout:secret@127.0.0.1:${this.port}/${database}`;
  }

  async administer<Row>(statement: string, database = 'postgres'): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.urlOf(database) });
    client.on('error', () => undefined); // it is ended below, or the statement has already failed
    await client.connect();
    try {
      return (await client.query(statement)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  /** Starts it again after `halt`. */
  async run(): Promise<void> {
    const durability = this.#isDurable ? [] : ['-c', 'fsync=off', '-c', 'synchronous_commit=off'];
    const listen = ['-c', 'listen_addresses=127.0.0.1', '-p', String(this.port), '-c', `unix_socket_directories=`];
    const small = ['-c', 'shared_buffers=16MB', '-c', 'max_connections=40', '-c', 'logging_collector=off'];
    const program = path.join(this.#binaries.folder, 'postgres');
    const args = ['-D', path.join(this.#folder, 'data'), ...listen, ...small, ...durability];
    const child = spawn('sh', ['-c', endWithInput, 'sh', program, ...args], {
      cwd: this.#folder,
      stdio: ['pipe', 'ignore', 'ignore'],
      ...this.#binaries.user,
    });
    this.#process = child;
    const endMs = performance.now() + startDeadlineMs;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`PostgreSQL ended with code ${child.exitCode}`);
      const isUp = await this.administer('SELECT 1').then(
        () => true,
        () => false,
      );
      if (isUp) return;
      if (performance.now() > endMs) throw new Error('PostgreSQL did not start');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** As a power cut: nothing is written any more. */
  async halt(): Promise<void> {
    const child = this.#process;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.stdin?.end();
    await exited;
  }

  async stop(): Promise<void> {
    await this.halt();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
