import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { storable } from './storable-text.ts';

export interface SqliteConnection {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  close(): unknown;
}

/** The server's own statements number about a hundred; the bound keeps lists of different lengths from filling memory. */
const maximumStatements = 256;

/** Kysely prepares every statement anew; most are the same few, so that keeping them saves the larger half of a small query. */
export function statementCache(connection: SqliteConnection): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => {
      statements.clear();
      connection.close();
    },
    prepare: (text) => {
      const known = statements.get(text);
      if (known !== undefined) return known;
      const statement = storing(connection.prepare(text));
      if (/^\s*rollback\s*$/i.test(text)) return rollingBack(statement);
      // Statements that change the schema or open a transaction are not worth keeping.
      if (!/^\s*(select|insert|update|delete)\b/i.test(text)) return statement;
      if (statements.size >= maximumStatements) {
        const oldest = statements.keys().next();
        if (oldest.done !== true) statements.delete(oldest.value);
      }
      statements.set(text, statement);
      return statement;
    },
  };
}

/** A transaction that found no room is rolled back by SQLite itself: then nothing is left to do, and the first error is what counts. */
function rollingBack(statement: SqliteStatement): SqliteStatement {
  return {
    ...statement,
    run: (parameters) => {
      try {
        return statement.run(parameters);
      } catch (error) {
        if (/no transaction is active/.test(String(error))) return { changes: 0, lastInsertRowid: 0 };
        throw error;
      }
    },
  };
}

function storing(statement: SqliteStatement): SqliteStatement {
  return {
    reader: statement.reader,
    all: (parameters) => statement.all(parameters.map(storable)),
    run: (parameters) => statement.run(parameters.map(storable)),
    iterate: (parameters) => statement.iterate(parameters.map(storable)),
  };
}
