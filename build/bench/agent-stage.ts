/**
 * A Notification Server and agents as separate processes of the production bundles, each with what it cost: the stage of
 * bench:agent and bench:rates. Linux only: costs are read from /proc.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '../lab/waiting.ts';
import { cpuSecondsOf, rssMibOf } from '../process-costs.ts';

export const root = path.resolve(import.meta.dirname, '../..');
/** An import, or a package at an agent. */
const longestWaitMs = 300_000;

export interface Process {
  readonly name: string;
  readonly pid: number;
  /** User and system time of all its threads. */
  cpuSeconds(): number;
  rssMib(): number;
  /** The highest since the start of the process. */
  rssPeakMib(): number;
  stop(): Promise<void>;
}

interface Imported {
  readonly guid: string;
  readonly version: string;
  readonly key: string;
}

export interface BenchServer extends Process {
  readonly agentUrl: string;
  readonly joinToken: string;
  /** One call of the console interface, `path` below `/api/v1`. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Peer downloading on for a /24, which becomes a site; settings given here differ from the default. */
  addSubnet(subnet: string, settings: object, wanKilobitsPerSecond: number): Promise<{ policyId: string }>;
  changeSettings(policyId: string, settings: object): Promise<void>;
  /** Imports a file as a package; resolves when it is hashed. */
  importFile(file: string): Promise<Imported>;
}

export interface BenchAgent extends Process {
  readonly agentId: string;
  /** Resolves when the agent calls the package ready. */
  ready(key: string): Promise<void>;
}

export interface StageOptions {
  /** Options for Node before the entry, e.g. `--cpu-prof`. */
  readonly serverNodeOptions?: readonly string[];
  readonly agentNodeOptions?: readonly string[];
  /** Where the temporary folder is made. */
  readonly folder?: string;
}

export interface Stage {
  readonly folder: string;
  readonly server: BenchServer;
  /** Of every agent, TCP and UDP. */
  readonly port: number;
  /** Starts an agent in a worker process of its own, enrolled and running. */
  startAgent(name: string, address: string, nodeOptions?: readonly string[]): Promise<BenchAgent>;
}

const port = 25_000 + (process.pid % 1000);

/** Lets `play` have a running server; stops every process and deletes the folder after, whatever happens. */
export async function withStage<Value>(options: StageOptions, play: (stage: Stage) => Promise<Value>): Promise<Value> {
  const folder = mkdtempSync(path.join(options.folder ?? tmpdir(), 'fanout-bench-'));
  const started: Process[] = [];
  try {
    const server = await startServer(path.join(folder, 'server'), options.serverNodeOptions ?? []);
    started.push(server);
    const { agentNodeOptions = [] } = options;
    const startAgent: Stage['startAgent'] = async (name, address, nodeOptions = agentNodeOptions) => {
      const agent = await startWorker(name, address, path.join(folder, name), server, nodeOptions);
      started.push(agent);
      return agent;
    };
    return await play({ folder, server, port, startAgent });
  } finally {
    for (const each of started.reverse()) await each.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function startServer(dataFolder: string, nodeOptions: readonly string[]): Promise<BenchServer> {
  const entry = path.join(root, 'dist/cli/main.mjs');
  const listen = ['--listen', '127.0.0.1:0', '--console-port', '0'];
  const child = spawn(process.execPath, [...nodeOptions, entry, 'serve', '--json', '--data', dataFolder, ...listen], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', () => reject(new Error('fanout serve ended before it was up')));
  });
  const { consoleUrl, agentUrl } = JSON.parse(line) as { consoleUrl: string; agentUrl: string };
  const { apiToken } = JSON.parse(readFileSync(path.join(dataFolder, 'server.json'), 'utf8')) as { apiToken: string };
  const call = async (method: string, apiPath: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${consoleUrl}/api/v1${apiPath}`, {
      method,
      headers: {
        authorization: `Bearer ${apiToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${apiPath}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  const { joinToken } = (await call('POST', '/join-tokens')) as { joinToken: string };
  return {
    ...processOf('notification-server', child, () => child.kill('SIGTERM')),
    agentUrl,
    joinToken,
    call,
    addSubnet: async (subnet, settings, wanKilobitsPerSecond) => {
      const target = { kind: 'subnets', subnets: [subnet] };
      const draft = { name: `bench ${subnet}`, target, settings: await defaultSettings(call, settings) };
      const policy = (await call('POST', '/policies', draft)) as { id: string };
      await call('POST', '/sites', { name: `bench ${subnet}`, subnets: [subnet], wanKilobitsPerSecond });
      return { policyId: policy.id };
    },
    changeSettings: async (policyId, settings) => {
      const policies = (await call('GET', '/policies')) as StoredPolicy[];
      const policy = policies.find(({ id }) => id === policyId);
      if (policy === undefined) throw new Error(`there is no policy ${policyId}`);
      const { name, target, version } = policy;
      const draft = { name, target, version, settings: { ...policy.settings, ...settings } };
      await call('PUT', `/policies/${policyId}`, draft);
    },
    importFile: async (file) => {
      const { id } = (await call('POST', '/imports', { path: file })) as { id: string };
      const read = async (): Promise<Imported | null> => {
        const jobs = (await call('GET', '/imports')) as { id: string; state: string; package: Imported | null }[];
        const job = jobs.find((candidate) => candidate.id === id);
        if (job?.state === 'failed') throw new Error('the import failed');
        return job?.package ?? null;
      };
      return eventually('the file is a package', read, longestWaitMs);
    },
  };
}

interface StoredPolicy {
  readonly id: string;
  readonly name: string;
  readonly target: object;
  readonly version: number;
  readonly isGlobal: boolean;
  readonly settings: object;
}

/** Those of the Global policy, with peer downloading on the bench's own port. */
async function defaultSettings(call: BenchServer['call'], more: object): Promise<object> {
  const policies = (await call('GET', '/policies')) as StoredPolicy[];
  const global = policies.find(({ isGlobal }) => isGlobal)?.settings ?? {};
  return { ...global, peerDownloading: true, cpuLimit: 0, port, eventInterval: 5, ...more };
}

async function startWorker(
  name: string,
  address: string,
  dataFolder: string,
  server: BenchServer,
  nodeOptions: readonly string[],
): Promise<BenchAgent> {
  const child = fork(path.join(root, 'dist/agent-worker/worker-main.mjs'), [], {
    execArgv: [...nodeOptions],
    serialization: 'json',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const agent = {
    name,
    dataFolder,
    interface: { name: 'lo', address, prefixLength: 24 },
    port,
    hearingPort: port,
    serverUrl: server.agentUrl,
    joinToken: server.joinToken,
  };
  const agentId = await new Promise<string>((resolve, reject) => {
    child.on('message', (message: { kind: string; agentId?: string; message?: string }) => {
      if (message.kind === 'ready') child.send({ kind: 'start-agent', agent });
      if (message.kind === 'agent-running') resolve(message.agentId ?? '');
      if (message.kind === 'agent-failed') reject(new Error(message.message));
    });
    child.once('exit', () => reject(new Error(`the worker of ${name} ended before its agent ran`)));
  });
  return {
    ...processOf(name, child, () => child.connected && child.send({ kind: 'stop' })),
    agentId,
    ready: async (key) => {
      const marker = path.join(dataFolder, 'packages', key, 'finished');
      const read = () =>
        access(marker).then(
          () => true as const,
          () => null,
        );
      await eventually(`${name} has the package`, read, longestWaitMs);
    },
  };
}

function processOf(name: string, child: ChildProcess, askToStop: () => void): Process {
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} could not be started`);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    name,
    pid,
    cpuSeconds: () => cpuSecondsOf(pid),
    rssMib: () => rssMibOf(pid, 'VmRSS'),
    rssPeakMib: () => rssMibOf(pid, 'VmHWM'),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      askToStop();
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await exited;
      clearTimeout(timer);
    },
  };
}
