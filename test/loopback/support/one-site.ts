import { channel } from 'node:diagnostics_channel';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentOptions, RunningAgent } from '../../../electron/agent-worker/agent-runtime.ts';
import { startAgent } from '../../../electron/agent-worker/agent-runtime.ts';
import type { PackageKey } from '../../../shared/base/ids.ts';
import { cidrOf, formatCidr, parseIpv4 } from '../../../shared/base/ipv4.ts';
import type { AgentConfiguration } from '../../../shared/contracts/agent-api.ts';
import type { JournalEntry } from '../../../shared/contracts/journal.ts';
import { journalEntrySchema } from '../../../shared/contracts/journal.ts';
import type { DeliveryPriority } from '../../../shared/contracts/package-state.ts';
import type { AgentSettings } from '../../../shared/contracts/settings.ts';
import { defaultAgentSettings } from '../../../shared/contracts/settings.ts';
import type { TestServer } from '../../notification-server/support/test-server.ts';
import { importPackage, startTestServer, temporaryFolder } from '../../notification-server/support/test-server.ts';
import { freshLoopbackAddress, silentLogger } from '../../support/agent-fixtures.ts';
import { settledWanBytesInto, wanBytesInto } from './fleet-of-one-subnet.ts';

export interface SiteDelivery {
  readonly key: PackageKey;
  /** True once the agent calls the package ready. */
  readyOn(agentName: string): Promise<true | null>;
}

/** A server, one subnet with its policy, and agents in this process: real sockets, real disks, no worker processes. */
export class OneSite {
  readonly port: number;
  #server: TestServer;
  readonly #folder: Awaited<ReturnType<typeof temporaryFolder>>;
  readonly #subnetNumber: number;
  readonly #running: RunningAgent[] = [];
  #subnet = '';
  #settings: AgentSettings;
  #policy: { readonly id: string; readonly version: number } | null = null;
  #delivered = 0;

  private constructor(
    server: TestServer,
    folder: Awaited<ReturnType<typeof temporaryFolder>>,
    place: { readonly subnetNumber: number; readonly port: number },
    settings: AgentSettings,
  ) {
    this.#server = server;
    this.#folder = folder;
    this.#subnetNumber = place.subnetNumber;
    this.port = place.port;
    this.#settings = settings;
  }

  static async open(
    place: { readonly subnetNumber: number; readonly port: number; readonly wanKilobitsPerSecond?: number },
    settings: Partial<AgentSettings> = {},
  ): Promise<OneSite> {
    const folder = await temporaryFolder();
    const server = await startTestServer(path.join(folder.path, 'server'));
    const site = new OneSite(server, folder, place, {
      ...defaultAgentSettings,
      peerDownloading: true,
      port: place.port,
      announcementInterval: 5,
      unavailableTimeout: 15,
      eventInterval: 5,
      attemptPeriod: 1,
      restartSpread: 0,
      ...settings,
    });
    const address = parseIpv4(freshLoopbackAddress(place.subnetNumber)) ?? 0;
    site.#subnet = formatCidr(cidrOf(address, 24));
    const wanKilobitsPerSecond = place.wanKilobitsPerSecond ?? 0;
    await server.call('createSite', { body: { name: 'site', subnets: [site.#subnet], wanKilobitsPerSecond } });
    site.#policy = await server.call('createPolicy', { body: site.#draft() });
    return site;
  }

  get server(): TestServer {
    return this.#server;
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.map((agent) => agent.stop()));
    await this.#server.stop();
    await this.#folder.remove();
  }

  dataFolderOf(agentName: string): string {
    return path.join(this.#folder.path, agentName);
  }

  async startAgent(
    name: string,
    more: Partial<AgentOptions> = {},
  ): Promise<RunningAgent & { readonly address: string }> {
    const address = freshLoopbackAddress(this.#subnetNumber);
    const agent = await startAgent({
      name,
      dataFolder: this.dataFolderOf(name),
      interface: { name: 'lo', address, prefixLength: 24 },
      port: this.port,
      hearingPort: this.port,
      serverUrl: this.#server.agentUrl,
      joinToken: await this.#server.makeJoinToken(),
      productVersion: '0.0.0-test',
      logger: silentLogger,
      ...more,
    });
    this.#running.push(agent);
    return Object.assign(agent, { address });
  }

  /** Saves the policy, as an administrator does in the console. */
  async change(settings: Partial<AgentSettings>): Promise<void> {
    this.#settings = { ...this.#settings, ...settings };
    if (this.#policy === null) throw new Error('the site has no policy yet');
    const { id, version } = this.#policy;
    this.#policy = await this.#server.call('updatePolicy', { params: { id }, body: { ...this.#draft(), version } });
  }

  /**
   * Imports random-looking bytes as a package and delivers them to everybody.
   *
   * @param imported the package is there, and nobody has been told to fetch it
   */
  async deliver(
    content: Buffer,
    priority: DeliveryPriority = 'normal',
    imported: (key: PackageKey) => void = () => undefined,
  ): Promise<SiteDelivery> {
    this.#delivered++;
    const file = path.join(this.#folder.path, 'source', `package-${this.#delivered}.bin`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    const { guid, version, key } = await importPackage(this.#server, file);
    imported(key);
    await this.#server.call('createDelivery', { body: { guid, version, target: { kind: 'all' }, priority } });
    const readyOn = (agentName: string): Promise<true | null> =>
      access(path.join(this.dataFolderOf(agentName), 'packages', key, 'finished')).then(
        () => true,
        () => null,
      );
    return { key, readyOn };
  }

  wanBytes(): Promise<number> {
    return wanBytesInto(this.#server, this.#subnet);
  }

  settledWanBytes(): Promise<number> {
    return settledWanBytesInto(this.#server, this.#subnet);
  }

  async isOnline(agentName: string): Promise<boolean> {
    return (await this.#server.call('agents', {})).some(({ name, online }) => name === agentName && online);
  }

  /** Whether the policy as it was saved last is on the agent's disk; a moment later it is in force. */
  async hasPolicy(agentName: string): Promise<true | null> {
    const file = path.join(this.dataFolderOf(agentName), 'configuration.json');
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text === null) return null;
    const { configuration } = JSON.parse(text) as { configuration: AgentConfiguration };
    return configuration.policy.version === this.#policy?.version ? true : null;
  }

  /** What the agent has written down so far, oldest first. */
  async journalOf(agentName: string): Promise<JournalEntry[]> {
    const file = path.join(this.dataFolderOf(agentName), 'decision-journal.jsonl');
    const text = await readFile(file, 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => journalEntrySchema.parse(JSON.parse(line)));
  }

  /** Stops the server, and starts it again at the same ports. */
  async restartServer(whileDown: () => Promise<void>): Promise<void> {
    const portOf = (url: string): number => Number(new URL(url).port);
    const { agentUrl, consoleUrl } = this.#server;
    await this.#server.stop();
    await whileDown();
    this.#server = await startTestServer(path.join(this.#folder.path, 'server'), {
      agentListen: { address: '127.0.0.1', port: portOf(agentUrl) },
      consoleListen: { address: '127.0.0.1', port: portOf(consoleUrl) },
    });
  }

  #draft() {
    return {
      name: 'the policy of the site',
      target: { kind: 'subnets' as const, subnets: [this.#subnet] },
      settings: this.#settings,
    };
  }
}

/** Counts the requests that arrive at servers of this process, until `stop`. */
export function countRequests(matches: (url: string) => boolean): { readonly count: () => number; stop(): void } {
  let count = 0;
  const arrived = (message: unknown): void => {
    const { request } = message as { readonly request: { readonly url?: string } };
    if (matches(request.url ?? '')) count++;
  };
  const requests = channel('http.server.request.start');
  requests.subscribe(arrived);
  return { count: () => count, stop: () => requests.unsubscribe(arrived) };
}
