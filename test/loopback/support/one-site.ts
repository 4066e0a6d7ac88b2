import { channel } from 'node:diagnostics_channel';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentOptions, RunningAgent } from '../../../electron/agent-worker/agent-runtime.ts';
import { cidrOf, formatCidr, parseIpv4 } from '../../../shared/base/ipv4.ts';
import type { AgentConfiguration } from '../../../shared/contracts/agent-api.ts';
import type { Delivery } from '../../../shared/contracts/deliveries-api.ts';
import type { JournalEntry } from '../../../shared/contracts/journal.ts';
import type { AgentSettings } from '../../../shared/contracts/settings.ts';
import { defaultAgentSettings } from '../../../shared/contracts/settings.ts';
import type { TestServer } from '../../notification-server/support/test-server.ts';
import { eventually } from '../../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../../support/agent-fixtures.ts';
import { LoopbackPlace, onLoopback } from './agents-on-loopback.ts';
import type { DeliveredPackage, DeliveryOptions } from './fleet-of-one-subnet.ts';
import { settledWanBytesInto, wanBytesInto } from './fleet-of-one-subnet.ts';

/** Nobody is there. */
const unused = '192.0.2.0/24';

/** A subnet with its policy at a place of its own: real sockets, real disks, no worker processes. */
export class OneSite {
  readonly port: number;
  readonly #place: LoopbackPlace;
  readonly #subnetNumber: number;
  #subnet = '';
  #settings: AgentSettings;
  #policy: { readonly id: string; readonly version: number } | null = null;

  private constructor(
    place: LoopbackPlace,
    at: { readonly subnetNumber: number; readonly port: number },
    settings: AgentSettings,
  ) {
    this.#place = place;
    this.#subnetNumber = at.subnetNumber;
    this.port = at.port;
    this.#settings = settings;
  }

  static async open(
    at: { readonly subnetNumber: number; readonly port: number; readonly wanKilobitsPerSecond?: number },
    settings: Partial<AgentSettings> = {},
  ): Promise<OneSite> {
    const place = await LoopbackPlace.start();
    const site = new OneSite(place, at, {
      ...defaultAgentSettings,
      peerDownloading: true,
      port: at.port,
      announcementInterval: 5,
      unavailableTimeout: 15,
      eventInterval: 5,
      attemptPeriod: 1,
      restartSpread: 0,
      ...settings,
    });
    const address = parseIpv4(freshLoopbackAddress(at.subnetNumber)) ?? 0;
    site.#subnet = formatCidr(cidrOf(address, 24));
    const wanKilobitsPerSecond = at.wanKilobitsPerSecond ?? 0;
    await place.server.call('createSite', { body: { name: 'site', subnets: [site.#subnet], wanKilobitsPerSecond } });
    site.#policy = await place.server.call('createPolicy', { body: site.#draft() });
    return site;
  }

  get server(): TestServer {
    return this.#place.server;
  }

  close(): Promise<void> {
    return this.#place.stop();
  }

  dataFolderOf(agentName: string): string {
    return this.#place.agentFolder(agentName);
  }

  async startAgent(
    name: string,
    more: Partial<AgentOptions> = {},
  ): Promise<RunningAgent & { readonly address: string }> {
    const address = freshLoopbackAddress(this.#subnetNumber);
    const agent = await this.#place.startAgent(name, { interface: onLoopback(address), port: this.port, ...more });
    return Object.assign(agent, { address });
  }

  /** Saves the policy, as an administrator does in the console. */
  async change(settings: Partial<AgentSettings>): Promise<void> {
    this.#settings = { ...this.#settings, ...settings };
    if (this.#policy === null) throw new Error('the site has no policy yet');
    const { id, version } = this.#policy;
    this.#policy = await this.server.call('updatePolicy', { params: { id }, body: { ...this.#draft(), version } });
  }

  /** Imports the bytes as a package and delivers it. */
  deliver(content: Buffer, options: DeliveryOptions = {}): Promise<DeliveredPackage> {
    return this.#place.deliver(content, options);
  }

  /** Delivers a new package that is installed as soon as the policy and the person let it be. */
  async install(content: Buffer): Promise<Delivery> {
    const { guid, version } = await this.#place.deliver(content, { target: { kind: 'subnets', subnets: [unused] } });
    const installation = { schedule: { kind: 'as-soon-as-possible' as const } };
    return this.server.call('createDelivery', {
      body: { guid, version, target: { kind: 'all' }, priority: 'normal', installation },
    });
  }

  wanBytes(): Promise<number> {
    return wanBytesInto(this.server, this.#subnet);
  }

  /** So many bytes have left the server for the subnet. */
  async whenSent(bytes: number): Promise<void> {
    await eventually(`${bytes} bytes are sent`, async () => ((await this.wanBytes()) > bytes ? true : null), 20_000);
  }

  settledWanBytes(): Promise<number> {
    return settledWanBytesInto(this.server, this.#subnet);
  }

  async isOnline(agentName: string): Promise<boolean> {
    return (await this.server.call('agents', {})).some(({ name, online }) => name === agentName && online);
  }

  /** Whether the policy as it was saved last is on the agent's disk; a moment later it is in force. */
  async hasPolicy(agentName: string): Promise<true | null> {
    const file = path.join(this.dataFolderOf(agentName), 'configuration.json');
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text === null) return null;
    const { configuration } = JSON.parse(text) as { configuration: AgentConfiguration };
    return configuration.policy.version === this.#policy?.version ? true : null;
  }

  journalOf(agentName: string): Promise<JournalEntry[]> {
    return this.#place.journalOf(agentName);
  }

  /** Stops the server, and starts it again at the same ports. */
  restartServer(whileDown: () => Promise<void>): Promise<void> {
    return this.#place.restartServer(whileDown);
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
