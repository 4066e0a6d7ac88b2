/** Fanout in the lab: the production bundles of dist/, a Notification Server and agents on the computers of a network. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import path from 'node:path';
import WebSocket from 'ws';
import type { AgentId, PackageGuid, PackageKey } from '../../shared/base/ids.ts';
import { feedToConsoleSchema } from '../../shared/contracts/console-feed.ts';
import type { ConsoleCall } from '../../shared/contracts/console-request.ts';
import { consoleRequest, parseConsoleAnswer } from '../../shared/contracts/console-request.ts';
import type { ConsoleRouteName, RouteAnswer } from '../../shared/contracts/console-routes.ts';
import type { Delivery } from '../../shared/contracts/deliveries-api.ts';
import type { AgentDiagnostics } from '../../shared/contracts/diagnostics.ts';
import { serverFileSchema } from '../../shared/contracts/server-file.ts';
import type { AgentSettings } from '../../shared/contracts/settings.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import type { WorkerAgent } from '../../shared/contracts/worker-protocol.ts';
import { fromWorkerSchema } from '../../shared/contracts/worker-protocol.ts';
import type { LabComputer, LabNetwork, LabSubnet } from './lab-network.ts';
import type { LabProcess } from './lab-processes.ts';
import { firstLine, LabProcesses } from './lab-processes.ts';
import { eventually } from './waiting.ts';

const root = path.resolve(import.meta.dirname, '../..');
const cli = path.join(root, 'dist/cli/main.mjs');
const workerEntry = path.join(root, 'dist/agent-worker/worker-main.mjs');
const serverPort = 27800;
const agentPort = 27801;

export interface LabAgent {
  readonly name: string;
  readonly agentId: AgentId;
  readonly subnet: LabSubnet;
  readonly computer: LabComputer;
  readonly dataFolder: string;
  readonly process: LabProcess;
}

export interface LabPackage {
  readonly guid: PackageGuid;
  readonly version: string;
  readonly key: PackageKey;
}

export interface FanoutLabOptions {
  readonly network: LabNetwork;
  /** For everything that is written, deleted by the caller. */
  readonly folder: string;
  /** Differences from the defaults; peer downloading is on. */
  readonly settings?: Partial<AgentSettings>;
  readonly agentNodeOptions?: readonly string[];
  readonly serverNodeOptions?: readonly string[];
}

export class FanoutLab {
  readonly processes = new LabProcesses();
  readonly #options: FanoutLabOptions;
  readonly #agents: LabAgent[] = [];
  readonly #connections = new Agent({ keepAlive: true, maxSockets: 4 });
  #server: LabProcess | null = null;
  #joinToken: string | null = null;

  constructor(options: FanoutLabOptions) {
    this.#options = options;
  }

  /** Server, one policy for all subnets, and a site per subnet without a limit of its own: the kernel's links limit. */
  async startServer(): Promise<void> {
    const { network, folder, settings = {}, serverNodeOptions = [] } = this.#options;
    const { namespace, addresses } = network.server;
    await mkdir(path.join(folder, 'logs'), { recursive: true });
    const listen = ['--listen', `${addresses[0]}:${serverPort}`, '--console-port', '0'];
    const serve = [...serverNodeOptions, cli, 'serve', '--data', this.serverFolder, ...listen, '--json'];
    this.#server = this.processes.start(namespace, process.execPath, serve, this.#log('server'));
    await firstLine(this.#server);
    const port = new URL(this.#serverFile().consoleUrl).port;
    const relay = path.join(import.meta.dirname, 'console-relay.ts');
    await firstLine(this.processes.start(namespace, process.execPath, [relay, this.#consoleSocket, port]));
    const subnets = network.subnets.map(({ cidr }) => cidr);
    await this.call('createPolicy', {
      body: {
        name: 'Lab',
        target: { kind: 'subnets', subnets },
        // All computers of the lab share two cores, so that each would see the load of all.
        settings: { ...defaultAgentSettings, peerDownloading: true, cpuLimit: 0, port: agentPort, ...settings },
      },
    });
    for (const cidr of subnets) {
      await this.call('createSite', { body: { name: `Site ${cidr}`, subnets: [cidr], wanKilobitsPerSecond: 0 } });
    }
    this.#joinToken = (await this.call('joinToken', {})).joinToken;
  }

  get server(): LabProcess {
    if (this.#server === null) throw new Error('the server was not started');
    return this.#server;
  }

  get serverFolder(): string {
    return path.join(this.#options.folder, 'server');
  }

  get agents(): readonly LabAgent[] {
    return this.#agents;
  }

  agentsOf(subnet: LabSubnet): readonly LabAgent[] {
    return this.#agents.filter((agent) => agent.subnet.number === subnet.number);
  }

  /** An agent at every address of the network, a worker process for at most `perProcess` of one computer; all online after. */
  async startAgents(perProcess: number, withinMs = 120_000): Promise<void> {
    const starts: Promise<void>[] = [];
    for (const subnet of this.#options.network.subnets) {
      for (const computer of subnet.computers) {
        for (let first = 0; first < computer.addresses.length; first += perProcess) {
          starts.push(this.#startWorker(subnet, computer, computer.addresses.slice(first, first + perProcess)));
        }
      }
    }
    await Promise.all(starts);
    await eventually(`${this.#agents.length} agents are online`, () => this.#areOnline(this.#agents), withinMs);
  }

  /** Starts the agents of a process that has ended again, with what is in their folders. */
  async restart(agent: LabAgent): Promise<void> {
    const same = this.#agents.filter((candidate) => candidate.process === agent.process);
    for (const gone of same) this.#agents.splice(this.#agents.indexOf(gone), 1);
    await this.#startWorker(agent.subnet, agent.computer, same.map(addressOf));
  }

  /** One call of the console interface. */
  async call<Name extends ConsoleRouteName>(name: Name, call: ConsoleCall<Name>): Promise<RouteAnswer<Name>> {
    const { method, path: route, body } = consoleRequest(name, call);
    const { apiToken, consoleUrl } = this.#serverFile();
    const headers = {
      host: new URL(consoleUrl).host,
      authorization: `Bearer ${apiToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    };
    const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const outgoing = request(
        { socketPath: this.#consoleSocket, agent: this.#connections, method, path: route, headers },
        (answer) => {
          let received = '';
          answer.setEncoding('utf8');
          answer.on('data', (part: string) => {
            received += part;
          });
          answer.on('error', reject);
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: received }));
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
    return parseConsoleAnswer(name, status, text === '' ? undefined : JSON.parse(text));
  }

  /** What an agent says of itself while somebody looks at its page, as soon as `isWanted`. */
  async diagnosticsOf(
    { agentId, name }: LabAgent,
    what: string,
    isWanted: (diagnostics: AgentDiagnostics) => boolean,
    withinMs = 30_000,
  ): Promise<AgentDiagnostics> {
    const { apiToken, consoleUrl } = this.#serverFile();
    const headers = { host: new URL(consoleUrl).host, authorization: `Bearer ${apiToken}` };
    const socket = new WebSocket(`ws+unix:${this.#consoleSocket}:/api/v1/feed`, { headers });
    let last: AgentDiagnostics | null = null;
    socket.on('message', (data) => {
      const message = feedToConsoleSchema.parse(JSON.parse(data.toString()));
      if (message.topic === 'agent') last = message.data.diagnostics;
    });
    try {
      await once(socket, 'open');
      socket.send(JSON.stringify({ kind: 'subscribe', topic: { topic: 'agent', agentId } }));
      return await eventually(`${name}: ${what}`, () => (last !== null && isWanted(last) ? last : null), withinMs);
    } finally {
      socket.terminate();
    }
  }

  /** Differences from what the lab's policy says so far; from now on, for all. */
  async changeSettings(settings: Partial<AgentSettings>): Promise<void> {
    const policy = (await this.call('policies', {})).find(({ isGlobal }) => !isGlobal);
    if (policy === undefined) throw new Error('the lab has no policy yet');
    const { id, name, target, version } = policy;
    const body = { name, target, version, settings: { ...policy.settings, ...settings } };
    await this.call('updatePolicy', { params: { id }, body });
  }

  /** Imports a file of this computer and waits until it is a package. */
  async importFile(file: string, withinMs = 120_000): Promise<LabPackage> {
    const { id } = await this.call('startImport', { body: { path: file } });
    return eventually(
      `${file} is a package`,
      async () => {
        const job = (await this.call('imports', {})).find((candidate) => candidate.id === id);
        if (job?.state === 'failed') throw new Error(job.message);
        return job?.package ?? null;
      },
      withinMs,
    );
  }

  /** To all agents. */
  async deliver({ guid, version }: LabPackage): Promise<Delivery> {
    return this.call('createDelivery', { body: { guid, version, target: { kind: 'all' }, priority: 'normal' } });
  }

  async delivery({ id }: Delivery): Promise<Delivery> {
    const found = (await this.call('deliveries', {})).find((candidate) => candidate.id === id);
    if (found === undefined) throw new Error('the server no longer knows the delivery');
    return found;
  }

  /** Waits until every agent has called the package ready. */
  async allReady(made: Delivery, withinMs: number, pollMs?: number): Promise<void> {
    await eventually(
      'every agent is ready',
      async () => {
        const { agents, ready, failed } = await this.delivery(made);
        if (failed > 0) throw new Error(`${failed} agents failed`);
        return ready >= agents || null;
      },
      withinMs,
      pollMs,
    );
  }

  /** Block bytes that the server's sockets sent into the subnet for the package, aborted answers included. */
  async wanBytes(subnet: LabSubnet, { key }: LabPackage): Promise<number> {
    const { wanCopies } = await this.call('overview', {});
    return wanCopies.find((line) => line.subnet === subnet.cidr && line.key === key)?.wanBytes ?? 0;
  }

  /** Where an agent keeps the files of a package that it has. */
  filesOf(agent: LabAgent, { key }: LabPackage): string {
    return path.join(agent.dataFolder, 'packages', key, 'files');
  }

  /** Stops everything that was started. The network stays. */
  async stop(): Promise<void> {
    this.#connections.destroy();
    await this.processes.stopAll();
  }

  get #consoleSocket(): string {
    return path.join(this.#options.folder, 'console.sock');
  }

  #serverFile() {
    return serverFileSchema.parse(JSON.parse(readFileSync(path.join(this.serverFolder, 'server.json'), 'utf8')));
  }

  #log(name: string): string {
    return path.join(this.#options.folder, 'logs', `${name}.log`);
  }

  async #startWorker(subnet: LabSubnet, computer: LabComputer, addresses: readonly string[]): Promise<void> {
    const plans = addresses.map((address) => this.#planOf(subnet, computer, address));
    const log = this.#log(`worker-${addresses[0]}`);
    const worker = this.processes.startWorker(computer.namespace, workerEntry, log, this.#options.agentNodeOptions);
    await new Promise<void>((resolve, reject) => {
      let running = 0;
      worker.child.once('exit', () =>
        reject(new Error(`the worker of ${addresses[0]} ended at its start, see ${log}`)),
      );
      worker.child.on('message', (input) => {
        const message = fromWorkerSchema.parse(input);
        if (message.kind === 'ready') for (const agent of plans) worker.child.send({ kind: 'start-agent', agent });
        if (message.kind === 'agent-failed') reject(new Error(`${message.name}: ${message.message}`));
        const plan = plans.find(({ name }) => message.kind === 'agent-running' && name === message.name);
        if (plan === undefined || message.kind !== 'agent-running') return;
        const { name, dataFolder } = plan;
        this.#agents.push({ name, agentId: message.agentId, subnet, computer, dataFolder, process: worker });
        running++;
        if (running === plans.length) resolve();
      });
    });
  }

  #planOf(subnet: LabSubnet, computer: LabComputer, address: string): WorkerAgent {
    const name = `pc-${address.replaceAll('.', '-')}`;
    return {
      name,
      dataFolder: path.join(this.#options.folder, 'agents', name),
      interface: { name: computer.card, address, prefixLength: subnet.prefixLength },
      port: agentPort,
      hearingPort: agentPort,
      serverUrl: `https://${this.#options.network.server.addresses[0]}:${serverPort}`,
      joinToken: this.#joinToken,
    };
  }

  async #areOnline(agents: readonly LabAgent[]): Promise<true | null> {
    const online = new Set((await this.call('agents', {})).filter((seen) => seen.online).map((seen) => seen.agentId));
    return agents.every(({ agentId }) => online.has(agentId)) || null;
  }
}

function addressOf({ name }: LabAgent): string {
  return name.replace(/^pc-/, '').replaceAll('-', '.');
}
