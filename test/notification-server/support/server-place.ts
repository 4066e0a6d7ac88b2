import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { NotificationServerOptions } from '../../../electron/notification-server/notification-server.ts';
import type { AgentConfiguration } from '../../../shared/contracts/agent-api.ts';
import { agentConfigurationSchema } from '../../../shared/contracts/agent-api.ts';
import { TestAgent } from './test-agent.ts';
import type { TestServer } from './test-server.ts';
import { importPackage, startTestServer, temporaryFolder } from './test-server.ts';

export interface ServerPlaceParts {
  readonly folder: Awaited<ReturnType<typeof temporaryFolder>>;
  readonly options: Partial<NotificationServerOptions>;
  readonly server: TestServer;
  readonly joinToken: string;
}

/** A real server in a folder that goes away with it, and a token to join it. `stop` ends what was opened last first. */
export class ServerPlace {
  /** Everything of the test lies here; the server has a folder in it. */
  readonly folder: string;
  readonly joinToken: string;
  readonly #options: Partial<NotificationServerOptions>;
  readonly #closers: (() => unknown)[];
  #server: TestServer;

  protected constructor({ folder, options, server, joinToken }: ServerPlaceParts) {
    this.folder = folder.path;
    this.joinToken = joinToken;
    this.#options = options;
    this.#server = server;
    this.#closers = [() => folder.remove(), () => this.#server.stop()];
  }

  static async start(options: Partial<NotificationServerOptions> = {}): Promise<ServerPlace> {
    return new ServerPlace(await openServerPlace(options));
  }

  get server(): TestServer {
    return this.#server;
  }

  /** Stops the server, and starts it again at the same ports. */
  async restartServer(whileDown: () => Promise<void> = async () => undefined): Promise<void> {
    const listenAgain = (url: string) => ({ address: '127.0.0.1', port: Number(new URL(url).port) });
    const { agentUrl, consoleUrl, dataFolder } = this.#server;
    await this.#server.stop();
    await whileDown();
    this.#server = await startTestServer(dataFolder, {
      ...this.#options,
      agentListen: listenAgain(agentUrl),
      consoleListen: listenAgain(consoleUrl),
    });
  }

  async stop(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  onStop(close: () => unknown): void {
    this.#closers.push(close);
  }

  /** Imports a file of this name; what is in it matters to no test that leaves it to chance. */
  async publish(name: string, content: Buffer = randomBytes(100)): ReturnType<typeof importPackage> {
    const source = path.join(this.folder, name);
    await writeFile(source, content);
    return importPackage(this.#server, source);
  }

  /** A computer that is enrolled and does nothing by itself. */
  async enrol(more: Parameters<typeof TestAgent.enrol>[2] = {}): Promise<TestAgent> {
    const agent = await TestAgent.enrol(this.#server.agentUrl, this.joinToken, more);
    this.onStop(() => agent.close());
    return agent;
  }
}

export async function openServerPlace(options: Partial<NotificationServerOptions>): Promise<ServerPlaceParts> {
  const folder = await temporaryFolder();
  const server = await startTestServer(path.join(folder.path, 'server'), options);
  return { folder, options, server, joinToken: await server.makeJoinToken() };
}

/** As the server gives it to the agent just now. */
export async function configurationOf(agent: TestAgent): Promise<AgentConfiguration> {
  return agentConfigurationSchema.parse((await agent.request('/configuration')).json());
}
