import path from 'node:path';
import { ConsoleClient } from '../../../electron/fleet/console-client.ts';
import { findFreePort } from '../../../electron/fleet/loopback-probe.ts';
import { Xoshiro128 } from '../../../shared/base/prng.ts';
import { defaultAgentSettings } from '../../../shared/contracts/settings.ts';
import { TestAgent } from '../../notification-server/support/test-agent.ts';
import { temporaryFolder } from '../../notification-server/support/test-server.ts';
import { findPostgres, PostgresServer } from '../../support/postgres-server.ts';
import type { Campaign, CampaignRun } from '../support/campaign.ts';
import { Failures } from '../support/campaign.ts';
import { CountingAgent, LostError, SavingAdministrator } from './acknowledged.ts';
import type { ServePlace } from './served-process.ts';
import { ServedProcess } from './served-process.ts';

const agentCount = 8;
const largestBatch = 40;
/** A kill comes at any moment of the load; about every fifth already while the server starts. */
const latestKillMs = 700;
const killWhileStarting = 5;

/** Kills the Notification Server under load, over both databases in turns of half of the count each. */
export const serverCrashCampaign: Campaign = {
  name: 'server-crash',
  what: 'kill -9 of a Notification Server under load: no acknowledged policy or event lost, none counted twice',
  fullCount: 100,
  shareCount: 4,
  run: async (run) => {
    const failures = new Failures();
    const figures: Record<string, number | string> = {};
    const postgres = findPostgres();
    const hasPostgres = !('missing' in postgres);
    if ('missing' in postgres) figures.PostgreSQL = `left out: ${postgres.missing}`;
    const overPostgres = hasPostgres ? Math.floor(run.count / 2) : 0;
    await killOver('SQLite', null, run, run.count - overPostgres, failures, figures);
    if (overPostgres > 0) {
      const server = await PostgresServer.start({ isDurable: true });
      try {
        await killOver('PostgreSQL', await server.createDatabase(), run, overPostgres, failures, figures);
      } finally {
        await server.stop();
      }
    }
    return { failures: failures.texts, figures };
  },
};

async function killOver(
  database: string,
  databaseUrl: string | null,
  { seed, progress }: CampaignRun,
  count: number,
  failures: Failures,
  figures: Record<string, number | string>,
): Promise<void> {
  const random = new Xoshiro128(seed);
  const folder = await temporaryFolder();
  const stage = await Stage.prepare({ dataFolder: path.join(folder.path, 'server'), databaseUrl });
  try {
    await stage.open();
    for (let kill = 0; kill < count && failures.count === 0; kill++) {
      await stage.loadUntilKilled(random);
      if (random.below(killWhileStarting) === 0) await stage.killWhileStarting(random);
      await stage.startAgain();
      progress(kill + 1, `over ${database}, ${stage.events} events`);
    }
    await stage.finish();
  } catch (error) {
    const text = error instanceof LostError ? error.message : error instanceof Error ? error.stack : String(error);
    failures.add(`over ${database}: ${text}`);
  } finally {
    await stage.close();
    await folder.remove();
  }
  Object.assign(figures, {
    [`${database}: kills`]: count,
    [`${database}: events`]: stage.events,
    [`${database}: policies saved`]: stage.saves,
  });
}

/** A server that is killed again and again, and those who use it. */
class Stage {
  readonly #place: ServePlace;
  readonly #agents: CountingAgent[] = [];
  readonly #administrator = new SavingAdministrator();
  #server: ServedProcess;

  private constructor(place: ServePlace, server: ServedProcess) {
    this.#place = place;
    this.#server = server;
  }

  static async prepare(where: Pick<ServePlace, 'dataFolder' | 'databaseUrl'>): Promise<Stage> {
    const [agentPort, consolePort] = [await findFreePort(), await findFreePort()];
    if (agentPort === null || consolePort === null) throw new Error('no free port was found');
    const place = { ...where, agentPort, consolePort };
    return new Stage(place, new ServedProcess(place));
  }

  async open(): Promise<void> {
    await this.#server.up();
    const console = await this.#console();
    const { joinToken } = await console.call('joinToken', {});
    for (let index = 0; index < agentCount; index++) {
      this.#agents.push(new CountingAgent(await TestAgent.enrol(this.#server.agentUrl, joinToken)));
    }
    const draft = { name: 'saved 1', target: { kind: 'all' as const }, settings: defaultAgentSettings };
    await this.#administrator.create(console, draft);
  }

  get events(): number {
    return this.#agents.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }

  get saves(): number {
    return this.#administrator.saves;
  }

  async loadUntilKilled(random: Xoshiro128): Promise<void> {
    const console = await this.#console();
    const size = 1 + random.below(largestBatch);
    let isOver = false;
    const again = async (action: () => Promise<void>): Promise<void> => {
      while (!isOver) {
        try {
          await action();
        } catch (error) {
          if (error instanceof LostError) throw error;
          // Before the kill nothing may fail; after it, everything does.
          if (!isOver) throw error;
        }
      }
    };
    const load = Promise.all([
      ...this.#agents.map((agent) => again(() => agent.sendBatch(size))),
      again(() => this.#administrator.save(console)),
    ]);
    load.catch(() => undefined); // told below
    await new Promise((resolve) => setTimeout(resolve, random.below(latestKillMs)));
    isOver = true;
    await this.#server.kill();
    await load;
  }

  async killWhileStarting(random: Xoshiro128): Promise<void> {
    const server = new ServedProcess(this.#place);
    await new Promise((resolve) => setTimeout(resolve, random.below(latestKillMs)));
    await server.kill();
  }

  /** Starts it, and looks at what it still knows. */
  async startAgain(): Promise<void> {
    this.#server = new ServedProcess(this.#place);
    await this.#server.up();
    const console = await this.#console();
    await this.#administrator.check(console);
    await this.#checkBytes(console);
  }

  /** Everything is acknowledged, and so counted exactly once. */
  async finish(): Promise<void> {
    for (const agent of this.#agents) await agent.sendBatch(0);
    const console = await this.#console();
    await this.#checkBytes(console);
    await this.#administrator.save(console);
    await this.#administrator.check(console);
    const code = await this.#server.stop();
    if (code !== 0 && code !== 130) throw new LostError(`an orderly stop ended with ${code}`);
    await this.startAgain();
  }

  async close(): Promise<void> {
    for (const { agent } of this.#agents) agent.close();
    await this.#server.kill();
  }

  async #checkBytes(console: ConsoleClient): Promise<void> {
    const known = new Map((await console.call('agents', {})).map((agent) => [agent.agentId, agent.peerBytes]));
    for (const { agent, acknowledged, sent } of this.#agents) {
      const bytes = known.get(agent.agentId) ?? -1;
      if (bytes >= acknowledged && bytes <= sent) continue;
      throw new LostError(`${acknowledged} events of one byte were acknowledged, ${sent} sent, and ${bytes} counted`);
    }
  }

  async #console(): Promise<ConsoleClient> {
    return new ConsoleClient(this.#server.consoleUrl, await this.#server.apiToken());
  }
}
