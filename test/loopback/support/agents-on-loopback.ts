import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentClock, AgentOptions, RunningAgent } from '../../../electron/agent-worker/agent-runtime.ts';
import { startAgent } from '../../../electron/agent-worker/agent-runtime.ts';
import type { SystemAdapter } from '../../../electron/agent-worker/own-interfaces.ts';
import { RealClock } from '../../../electron/agent-worker/real-clock.ts';
import type { NotificationServerOptions } from '../../../electron/notification-server/notification-server.ts';
import type { AgentInput } from '../../../shared/agent/agent-input.ts';
import type { AgentId } from '../../../shared/base/ids.ts';
import type { Policy } from '../../../shared/contracts/console-api.ts';
import type { AgentDiagnostics } from '../../../shared/contracts/diagnostics.ts';
import type { JournalEntry } from '../../../shared/contracts/journal.ts';
import { journalEntrySchema } from '../../../shared/contracts/journal.ts';
import type { AgentSettings } from '../../../shared/contracts/settings.ts';
import { defaultAgentSettings } from '../../../shared/contracts/settings.ts';
import type { WorkerAgent } from '../../../shared/contracts/worker-protocol.ts';
import { openServerPlace, ServerPlace } from '../../notification-server/support/server-place.ts';
import { silentLogger } from '../../support/agent-fixtures.ts';
import type { DeliveredPackage, DeliveryOptions } from './fleet-of-one-subnet.ts';
import { deliver } from './fleet-of-one-subnet.ts';
import { WatchedAgent } from './watched-agent.ts';
import type { TestWorker } from './worker-process.ts';
import { startWorker } from './worker-process.ts';

/** Where an agent is, and whatever else is not as usual. */
type AgentPlan = Partial<AgentOptions> & Pick<AgentOptions, 'interface' | 'port'>;

/** A server and agents of one process on addresses of 127.x; everything is stopped by `stop`. */
export class LoopbackPlace extends ServerPlace {
  static override async start(options: Partial<NotificationServerOptions> = {}): Promise<LoopbackPlace> {
    return new LoopbackPlace(await openServerPlace(options));
  }

  agentFolder(name: string): string {
    return path.join(this.folder, name);
  }

  /** The agent as a worker process is told to start it. */
  plan(name: string, more: Partial<WorkerAgent> & Pick<WorkerAgent, 'interface' | 'port'>): WorkerAgent {
    return {
      name,
      dataFolder: this.agentFolder(name),
      hearingPort: more.port,
      serverUrl: this.server.agentUrl,
      joinToken: this.joinToken,
      ...more,
    };
  }

  async startAgent(name: string, more: AgentPlan): Promise<RunningAgent> {
    const agent = await startAgent({
      productVersion: '0.0.0-test',
      logger: silentLogger,
      lookEveryMs: 50,
      ...more,
      ...this.plan(name, more),
    });
    this.onStop(() => agent.stop());
    return agent;
  }

  /** A process of its own, for what needs one to be killed. */
  async startWorker(): Promise<TestWorker> {
    const worker = await startWorker();
    this.onStop(() => worker.stop());
    return worker;
  }

  /** See `deliver`. */
  deliver(content: Buffer, options: DeliveryOptions = {}): Promise<DeliveredPackage> {
    return deliver(this.server, this.folder, content, options);
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

  /** Changes the one policy that there is besides Global. */
  async changeOnlyPolicy(settings: Partial<AgentSettings>): Promise<void> {
    const [policy, ...others] = (await this.server.call('policies', {})).filter(({ isGlobal }) => !isGlobal);
    if (policy === undefined || others.length > 0) throw new Error('there is not exactly one policy besides Global');
    await this.changePolicy(policy.id, settings);
  }

  async isOnline(agentId: AgentId): Promise<boolean> {
    return (await this.server.call('agent', { params: { agentId } })).online;
  }

  /** What the agent has written down so far, oldest first. */
  async journalOf(name: string): Promise<JournalEntry[]> {
    const text = await readFile(path.join(this.agentFolder(name), 'decision-journal.jsonl'), 'utf8').catch(() => '');
    // What stands behind the last end of a line is being written.
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => journalEntrySchema.parse(JSON.parse(line)));
  }

  async watch(agentId: AgentId): Promise<WatchedAgent> {
    const watched = await WatchedAgent.open(this.server, agentId);
    this.onStop(() => watched.stop());
    return watched;
  }

  /** What the agent says of itself when it is looked at in the console, as soon as `isWanted`. */
  async diagnosticsOf(
    agentId: AgentId,
    what: string,
    isWanted: (diagnostics: AgentDiagnostics) => boolean,
  ): Promise<AgentDiagnostics> {
    const watched = await WatchedAgent.open(this.server, agentId);
    try {
      return await watched.when(what, isWanted);
    } finally {
      watched.stop();
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
    this.onStop(() => new Promise<void>((resolve) => socket.close(resolve)));
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
