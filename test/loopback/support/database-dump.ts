import path from 'node:path';
import Libsql from 'libsql';

/** When somebody was last heard of: it follows from requests and changes nothing. */
const timesOfUse = new Set(['last_seen_ms', 'last_used_ms', 'last_sign_in_ms']);

/** Deliveries go on with time, and who changes one leaves an entry in the audit trail, too; bytes are written after they were sent. */
const tablesOfTime = /^(delivery_(points|states)|sent_bytes|traffic_.*|statistics_.*)$/;

/** Looks at the database of a running server beside it. */
export class DatabaseWatch {
  readonly #connection: InstanceType<typeof Libsql>;
  #version: unknown = null;
  #rows = new Map<string, string>();

  constructor(dataFolder: string) {
    this.#connection = new Libsql(path.join(dataFolder, 'fanout.db'), { readonly: true });
  }

  /** What is stored now is what later looks are compared with. */
  remember(): void {
    this.#version = this.#dataVersion();
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
    const tables = this.#connection
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
      .all();
    return new Map(
      (tables as { name: string }[]).flatMap(({ name }) => {
        if (tablesOfTime.test(name)) return [];
        const rows = this.#connection.prepare(`SELECT * FROM "${name}"`).all() as Record<string, unknown>[];
        const shown = rows.map((row) => Object.entries(row).filter(([column]) => !timesOfUse.has(column)));
        return [[name, JSON.stringify(shown)]];
      }),
    );
  }
}
