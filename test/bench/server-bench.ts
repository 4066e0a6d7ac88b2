/**
 * The Notification Server under its agents: unchanged configurations over kept-alive mutual TLS, memory, event intake. It is the
 * production bundle on one core, with 54,000 agents in its database; those who ask are in this process, on another core.
 *
 *   npm run bench:server -- [--agents 54000] [--feeds 1000] [--more-feeds 500] [--connections 200] [--seconds 10]
 *     [--only load|statistics] [--postgres] [--server-options="--cpu-prof …"]
 *
 * Prints one JSON line. `configuration`: answers 304 per second and the time of the slowest hundredth. `memory`: after garbage
 * collections. `events`: acknowledged per second in batches of 20. `statistics`: how long each report takes over a year of an
 * organisation of 280 sites; the first time, and the middle of five more. `--postgres`: over a PostgreSQL of the bench's own.
 */
import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { scriptOptions, wholeNumber } from '../../build/script-options.ts';
import { openDatabaseAccess } from '../../electron/database/database-access.ts';
import { ConsoleClient } from '../../electron/fleet/console-client.ts';
import { TestAgent, type TestFeed } from '../notification-server/support/test-agent.ts';
import { temporaryFolder } from '../notification-server/support/test-server.ts';
import { postgresAddress } from '../support/postgres-access.ts';
import { PostgresServer } from '../support/postgres-server.ts';
import { registerAgents } from '../support/registered-agents.ts';
import { BenchedServer } from './benched-server.ts';
import { loadConfigurations, loadEvents } from './server-load.ts';
import { benchStatistics } from './statistics-part.ts';

const { values } = scriptOptions(import.meta.filename, {
  options: {
    agents: { type: 'string', default: '54000' },
    feeds: { type: 'string', default: '1000' },
    'more-feeds': { type: 'string', default: '500' },
    connections: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '10' },
    postgres: { type: 'boolean', default: false },
    'server-options': { type: 'string', default: '' },
    only: { type: 'string', default: '' },
  },
});
const agentCount = wholeNumber('agents', values.agents, 1);
const feedCount = wholeNumber('feeds', values.feeds, 1);
const moreFeeds = wholeNumber('more-feeds', values['more-feeds'], 1);
const connectionCount = wholeNumber('connections', values.connections, 1);
const seconds = wholeNumber('seconds', values.seconds, 1);

// The server has the first core, this process the second; with one core only, both share it.
spawnSync('taskset', ['-p', '-c', '1', String(process.pid)], { stdio: 'ignore' });

const nodeOptions = values['server-options'].split(' ').filter((word: string) => word !== '');
const postgres = values.postgres ? await PostgresServer.start({ isDurable: true }) : null;
try {
  const load = values.only === 'statistics' ? {} : await benchLoad();
  const statistics =
    values.only === 'load' ? {} : { statistics: await benchStatistics(agentCount, postgres, nodeOptions) };
  console.log(JSON.stringify({ database: postgres === null ? 'embedded' : 'postgresql', ...load, ...statistics }));
} finally {
  await postgres?.stop();
}
process.exit();

async function benchLoad() {
  const folder = await temporaryFolder();
  const databaseUrl = postgres === null ? null : await postgres.createDatabase();
  const dataFolder = path.join(folder.path, 'server');
  await mkdir(dataFolder);
  let server: BenchedServer | null = null;
  try {
    const enrolled = feedCount + moreFeeds;
    const access = await openDatabaseAccess(
      databaseUrl === null ? { file: path.join(dataFolder, 'fanout.db') } : { postgres: postgresAddress(databaseUrl) },
    );
    await registerAgents(access.writer, Math.max(0, agentCount - enrolled));
    await access.close();
    server = await BenchedServer.start(dataFolder, databaseUrl, nodeOptions);
    const rssAtStartMib = await server.rssMib();
    const { joinToken } = await new ConsoleClient(server.consoleUrl, server.apiToken).call('joinToken', {});
    const agents = await enrolAll(server.agentUrl, joinToken, enrolled);
    const askers = agents.slice(0, connectionCount);

    const configuration = await loadConfigurations(server, askers, seconds);
    const feeds = await openAll(agents.slice(0, feedCount));
    const rssMib = await server.rssMib();
    feeds.push(...(await openAll(agents.slice(feedCount))));
    const rssWithMoreMib = await server.rssMib();
    for (const feed of feeds) feed.close();
    const events = await loadEvents(server, askers, seconds);
    const kibForEachFurtherFeed = Math.round(((rssWithMoreMib - rssMib) * 1024) / moreFeeds);
    const memory = { registered: agentCount, feeds: feedCount, rssAtStartMib, rssMib, kibForEachFurtherFeed };
    return { configuration, memory, events };
  } finally {
    await server?.stop();
    await folder.remove();
  }
}

async function enrolAll(agentUrl: string, joinToken: string, count: number): Promise<TestAgent[]> {
  const agents: TestAgent[] = [];
  const enrolSome = async (): Promise<void> => {
    while (agents.length < count) {
      const index = agents.push(await TestAgent.enrol(agentUrl, joinToken, { name: `asker-${agents.length}` }));
      if (index > count) agents.pop()?.close();
    }
  };
  await Promise.all(Array.from({ length: 8 }, enrolSome));
  return agents;
}

async function openAll(agents: readonly TestAgent[]): Promise<TestFeed[]> {
  const feeds: TestFeed[] = [];
  for (const agent of agents) feeds.push(await agent.openFeed());
  return feeds;
}
