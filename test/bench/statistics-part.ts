import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { openDatabaseAccess } from '../../electron/database/database-access.ts';
import { temporaryFolder } from '../notification-server/support/test-server.ts';
import { postgresAddress } from '../support/postgres-access.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { registerAgents } from '../support/registered-agents.ts';
import { BenchedServer } from './benched-server.ts';
import { seedStatistics } from './seeded-statistics.ts';
import type { ReportTime } from './statistics-load.ts';
import { timeReports } from './statistics-load.ts';

export interface StatisticsFigures {
  readonly hourRows: number;
  readonly seedSeconds: number;
  readonly slowestMedianMs: number;
  readonly slowestFirstMs: number;
  readonly reports: readonly ReportTime[];
}

/** A year of statistics in a server of its own, and how long each report takes over it. */
export async function benchStatistics(
  agentCount: number,
  postgres: PostgresServer | null,
  nodeOptions: readonly string[],
): Promise<StatisticsFigures> {
  const folder = await temporaryFolder();
  const dataFolder = path.join(folder.path, 'server');
  await mkdir(dataFolder);
  const databaseUrl = postgres === null ? null : await postgres.createDatabase();
  let server: BenchedServer | null = null;
  try {
    const begunMs = performance.now();
    const nowMs = Date.now();
    const access = await openDatabaseAccess(
      databaseUrl === null ? { file: path.join(dataFolder, 'fanout.db') } : { postgres: postgresAddress(databaseUrl) },
    );
    await registerAgents(access.writer, agentCount);
    const seeded = await seedStatistics(access.writer, agentCount, nowMs);
    // PostgreSQL does it by itself within minutes; a year has many.
    if (databaseUrl !== null) await sql`ANALYZE`.execute(access.database);
    await access.close();
    const seedSeconds = Math.round((performance.now() - begunMs) / 1000);
    server = await BenchedServer.start(dataFolder, databaseUrl, nodeOptions);
    const reports = await timeReports(server, seeded, nowMs);
    return {
      hourRows: seeded.hourRows,
      seedSeconds,
      slowestMedianMs: Math.max(...reports.map(({ medianMs }) => medianMs)),
      slowestFirstMs: Math.max(...reports.map(({ firstMs }) => firstMs)),
      reports,
    };
  } finally {
    await server?.stop();
    await folder.remove();
  }
}
