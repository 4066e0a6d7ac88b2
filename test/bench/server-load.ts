import tls from 'node:tls';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { PackageGuid } from '../../shared/base/ids.ts';
import type { AgentEvent } from '../../shared/contracts/agent-events.ts';
import type { TestAgent } from '../notification-server/support/test-agent.ts';
import type { BenchedServer } from './benched-server.ts';

const eventsPerBatch = 20;
const key = packageKeyOf('00000000-0000-4000-8000-000000000001' as PackageGuid, '1.0');
const portion = { source: 'peer', reason: 'peer-has-block', agentId: null, bytes: 2_097_152, blocks: 1 } as const;

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the one core that it has. */
  readonly serverCpuShare: number;
}

/** Each agent asks for its unchanged configuration, and again when it has the answer. */
export async function loadConfigurations(
  server: BenchedServer,
  agents: readonly TestAgent[],
  seconds: number,
): Promise<LoadResult & { readonly connections: number }> {
  const lines = await Promise.all(
    agents.map(async (agent) => {
      const etag = String((await agent.request('/configuration')).headers.etag);
      return new RawLine(await connect(server, agent), etag);
    }),
  );
  const result = await measured(server, seconds, (isOver, note) =>
    Promise.all(lines.map((line) => line.askUntil(isOver, note))),
  );
  for (const line of lines) line.close();
  return { ...result, connections: agents.length };
}

/** Each agent sends a batch of new events, and the next one when it is acknowledged. */
export async function loadEvents(
  server: BenchedServer,
  agents: readonly TestAgent[],
  seconds: number,
): Promise<LoadResult> {
  const result = await measured(server, seconds, (isOver, note) =>
    Promise.all(
      agents.map(async (agent) => {
        for (let sequence = 0; !isOver(); sequence += eventsPerBatch) {
          const events = Array.from({ length: eventsPerBatch }, (_value, index) => eventOf(sequence + 1 + index));
          const sentMs = performance.now();
          const answer = await agent.request('/events', { method: 'POST', body: { installationEpoch: 1, events } });
          if (answer.status !== 200) throw new Error(`events were answered ${answer.status}: ${answer.body}`);
          note(performance.now() - sentMs);
        }
      }),
    ),
  );
  return { ...result, perSecond: result.perSecond * eventsPerBatch };
}

function eventOf(sequence: number): AgentEvent {
  if (sequence % 2 === 0) return { kind: 'transferred', sequence, atMs: sequence, key, portions: [portion] };
  const state = { kind: 'package-state', sequence, atMs: sequence, key, state: 'downloading' } as const;
  return { ...state, blocks: sequence % 35, blockCount: 35, detail: '' };
}

async function measured(
  server: BenchedServer,
  seconds: number,
  run: (isOver: () => boolean, note: (ms: number) => void) => Promise<unknown>,
): Promise<LoadResult> {
  // The first second warms up: it is run and not counted.
  let startedMs = Number.POSITIVE_INFINITY;
  const times: number[] = [];
  const warmMs = performance.now() + 1000;
  const cpuAtStart = new Promise<number>((resolve, reject) => {
    setTimeout(() => {
      startedMs = performance.now();
      server.cpuSeconds().then(resolve, reject);
    }, 1000);
  });
  const endMs = warmMs + seconds * 1000;
  await run(
    () => performance.now() > endMs,
    (ms) => {
      if (performance.now() > startedMs) times.push(ms);
    },
  );
  const elapsedSeconds = (performance.now() - startedMs) / 1000;
  const cpuSeconds = (await server.cpuSeconds()) - (await cpuAtStart);
  times.sort((a, b) => a - b);
  const at = (share: number): number => Math.round((times[Math.floor(times.length * share)] ?? 0) * 10) / 10;
  return {
    perSecond: Math.round(times.length / elapsedSeconds),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    serverCpuShare: Math.round((cpuSeconds / elapsedSeconds) * 100) / 100,
  };
}

function connect(server: BenchedServer, agent: TestAgent): Promise<tls.TLSSocket> {
  const { ca, cert, key: privateKey, servername } = agent.tlsOptions;
  return new Promise((resolve, reject) => {
    const options = { ca, cert, key: privateKey, servername, port: Number(new URL(server.agentUrl).port) };
    const socket = tls.connect({ host: '127.0.0.1', ...options } as tls.ConnectionOptions, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** One kept-alive connection, in as little of a client as can be: what is measured is the server. */
class RawLine {
  readonly #socket: tls.TLSSocket;
  readonly #request: string;

  constructor(socket: tls.TLSSocket, etag: string) {
    this.#socket = socket;
    this.#request = `GET /agent/v1/configuration HTTP/1.1\r\nhost: server\r\nif-none-match: ${etag}\r\n\r\n`;
  }

  askUntil(isOver: () => boolean, note: (ms: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      let head = '';
      let sentMs = 0;
      const ask = (): void => {
        if (isOver()) {
          resolve();
          return;
        }
        sentMs = performance.now();
        this.#socket.write(this.#request);
      };
      this.#socket.on('data', (data) => {
        head += data.toString('latin1');
        if (!head.endsWith('\r\n\r\n')) return;
        if (!head.startsWith('HTTP/1.1 304')) {
          reject(new Error(`the configuration was answered ${head}`));
          return;
        }
        head = '';
        note(performance.now() - sentMs);
        ask();
      });
      this.#socket.on('close', () => reject(new Error('the server closed a connection')));
      ask();
    });
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }
}
