import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import path from 'node:path';
import WebSocket from 'ws';
import type { AgentClock, AgentOptions, RunningAgent } from '../../../electron/agent-worker/agent-runtime.ts';
import { startAgent } from '../../../electron/agent-worker/agent-runtime.ts';
import type { SystemAdapter } from '../../../electron/agent-worker/own-interfaces.ts';
import { RealClock } from '../../../electron/agent-worker/real-clock.ts';
import type { AgentInput } from '../../../shared/agent/agent-input.ts';
import type { AgentId } from '../../../shared/base/ids.ts';
import type { Policy } from '../../../shared/contracts/console-api.ts';
import { feedToConsoleSchema } from '../../../shared/contracts/console-feed.ts';
import type { AgentDiagnostics } from '../../../shared/contracts/diagnostics.ts';
import type { AgentSettings } from '../../../shared/contracts/settings.ts';
import { defaultAgentSettings } from '../../../shared/contracts/settings.ts';
import type { TestServer } from '../../notification-server/support/test-server.ts';
import { eventually, startTestServer, temporaryFolder } from '../../notification-server/support/test-server.ts';
import { silentLogger } from '../../support/agent-fixtures.ts';

/** A server and agents of one process on addresses of 127.x; everything is stopped by `stop`. */
export class LoopbackPlace {
  readonly server: TestServer;
  readonly folder: string;
  readonly #joinToken: string;
  readonly #closers: (() => Promise<unknown> | undefined)[] = [];

  private constructor(server: TestServer, folder: string, joinToken: string) {
    this.server = server;
    this.folder = folder;
    this.#joinToken = joinToken;
  }

  static async start(): Promise<LoopbackPlace> {
    const folder = await temporaryFolder();
    const server = await startTestServer(path.join(folder.path, 'server'));
    const place = new LoopbackPlace(server, folder.path, await server.makeJoinToken());
    place.#closers.push(
      () => folder.remove(),
      () => server.stop(),
    );
    return place;
  }

  async stop(): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
  }

  onStop(close: () => Promise<unknown> | undefined): void {
    this.#closers.push(close);
  }

  async startAgent(
    name: string,
    more: Partial<AgentOptions> & Pick<AgentOptions, 'interface' | 'port'>,
  ): Promise<RunningAgent> {
    const agent = await startAgent({
      name,
      dataFolder: path.join(this.folder, name),
      hearingPort: more.port,
      serverUrl: this.server.agentUrl,
      joinToken: this.#joinToken,
      productVersion: '0.0.0-test',
      logger: silentLogger,
      lookEveryMs: 50,
      ...more,
    });
    this.#closers.push(() => agent.stop());
    return agent;
  }

  /** A policy for the agents, or for the subnets, with peer downloading on. */
  createPolicy(name: string, target: Policy['target'], settings: Partial<AgentSettings>): Promise<Policy> {
    return this.server.call('createPolicy', {
      body: { name, target, settings: { ...defaultAgentSettings, peerDownloading: true, ...settings } },
    });
  }

  async changePolicy(id: string, settings: Partial<AgentSettings>): Promise<void> {
    const policy = (await this.server.call('policies', {})).find((candidate) => candidate.id === id);
    if (policy === undefined) throw new Error('the policy is gone');
    const { name, target, version } = policy;
    await this.server.call('updatePolicy', {
      params: { id },
      body: { name, target, version, settings: { ...policy.settings, ...settings } },
    });
  }

  /** What the agent says of itself when it is looked at in the console, as soon as `isWanted`. */
  async diagnosticsOf(
    agentId: AgentId,
    what: string,
    isWanted: (diagnostics: AgentDiagnostics) => boolean,
  ): Promise<AgentDiagnostics> {
    const socket = new WebSocket(`${this.server.consoleUrl.replace('http', 'ws')}/api/v1/feed`, {
      headers: { authorization: `Bearer ${this.server.apiToken}` },
    });
    let last: AgentDiagnostics | null = null;
    socket.on('message', (data) => {
      const message = feedToConsoleSchema.parse(JSON.parse(data.toString()));
      if (message.topic === 'agent') last = message.data.diagnostics;
    });
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    socket.send(JSON.stringify({ kind: 'subscribe', topic: { topic: 'agent', agentId } }));
    try {
      return await eventually(what, () => (last !== null && isWanted(last) ? last : null), 20_000);
    } finally {
      socket.terminate();
    }
  }

  /** Counts the announcements (`alive`) that are broadcast at the port, by the address they come from. */
  async countAnnouncements(port: number): Promise<(address: string) => number> {
    const counts = new Map<string, number>();
    const socket: Socket = createSocket({ type: 'udp4', reuseAddr: true });
    socket.on('message', (bytes, from) => {
      if (bytes.toString('latin1').includes('NTS: alive'))
        counts.set(from.address, (counts.get(from.address) ?? 0) + 1);
    });
    await new Promise<void>((resolve) => socket.bind({ address: '0.0.0.0', port }, resolve));
    this.#closers.push(() => new Promise<void>((resolve) => socket.close(resolve)));
    return (address) => counts.get(address) ?? 0;
  }
}

/** Time passes so many times as fast, for what is decided in seconds and minutes. */
export function fastClock(factor: number): (push: (input: AgentInput) => void) => AgentClock {
  return (push) => {
    const clock = new RealClock(push);
    return {
      nowMs: () => clock.nowMs() * factor,
      wallTimeMs: () => clock.wallTimeMs(),
      localMinuteOfWeek: () => clock.localMinuteOfWeek(),
      setTimer: (timerId, delayMs) => clock.setTimer(timerId, delayMs / factor),
      cancelTimer: (timerId) => clock.cancelTimer(timerId),
      close: () => clock.close(),
    };
  };
}

export function onLoopback(address: string): { name: string; address: string; prefixLength: number } {
  return { name: 'lo', address, prefixLength: 24 };
}

/** A network card that is up, as the system would show it. */
export function card(name: string, address: string): SystemAdapter {
  return { name, isInternal: false, ipv4: [{ address, prefixLength: 24 }], hasIpv6: false };
}
