import path from 'node:path';
import Libsql from 'libsql';

/** When somebody was last heard of: it follows from requests and changes nothing. */
const timesOfUse = new Set(['last_seen_ms', 'last_used_ms', 'last_sign_in_ms']);

/** Deliveries go on with time, and who changes one leaves an entry in the audit trail, too; bytes are written after they were sent. */
const tablesOfTime = /^(delivery_(points|states)|sent_bytes|traffic_.*|statistics_.*)$/;

interface WatchedTable {
  readonly name: string;
  readonly rows: Libsql.Statement;
}

/** Looks at the database of a running server beside it. */
export class DatabaseWatch {
  readonly #connection: InstanceType<typeof Libsql>;
  readonly #tables: readonly WatchedTable[];
  #version: unknown = null;
  #rows = new Map<string, string>();

  constructor(dataFolder: string) {
    this.#connection = new Libsql(path.join(dataFolder, 'fanout.db'), { readonly: true });
    this.#tables = watchedTables(this.#connection);
  }

  /** What is stored now is what later looks are compared with. */
  remember(): void {
    const version = this.#dataVersion();
    if (version === this.#version) return;
    this.#version = version;
    this.#rows = this.#dump();
  }

  /** Names of the tables with other rows than remembered, which are remembered from then on. */
  changedTables(): string[] {
    if (this.#dataVersion() === this.#version) return [];
    const before = this.#rows;
    this.remember();
    return [...this.#rows].filter(([table, rows]) => before.get(table) !== rows).map(([table]) => table);
  }

  close(): void {
    this.#connection.close();
  }

  /** Another one after each commit of anybody else. */
  #dataVersion(): unknown {
    return JSON.stringify(this.#connection.prepare('PRAGMA data_version').all());
  }

  #dump(): Map<string, string> {
    return new Map(this.#tables.map(({ name, rows }) => [name, (rows.get() as { text: string | null }).text ?? '']));
  }
}

/** The database makes one text of the rows by itself: to hand over each of them took most of the time of a look. */
function watchedTables(connection: InstanceType<typeof Libsql>): WatchedTable[] {
  const tables = connection
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
    .all() as { name: string }[];
  return tables.flatMap(({ name }) => {
    if (tablesOfTime.test(name)) return [];
    const columns = connection.prepare(`SELECT name FROM pragma_table_info('${name}')`).all() as { name: string }[];
    const quoted = columns.filter((column) => !timesOfUse.has(column.name)).map((column) => `quote("${column.name}")`);
    return [
      {
        name,
        rows: connection.prepare(`SELECT group_concat(${quoted.join(" || ',' || ")}, ';') AS text FROM "${name}"`),
      },
    ];
  });
}
