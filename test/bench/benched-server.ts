import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import WebSocket from 'ws';

const cliBundle = path.resolve(import.meta.dirname, '../../dist/cli/main.mjs');
const startDeadlineMs = 60_000;
const clockTicksPerSecond = 100;

/** `fanout serve` on the first core, with an inspector through which garbage is collected before it is weighed. */
export class BenchedServer {
  readonly consoleUrl: string;
  readonly agentUrl: string;
  readonly apiToken: string;
  readonly #child: ChildProcess;
  readonly #inspectorUrl: string;

  private constructor(
    child: ChildProcess,
    inspectorUrl: string,
    told: { consoleUrl: string; agentUrl: string },
    apiToken: string,
  ) {
    this.#child = child;
    this.#inspectorUrl = inspectorUrl;
    this.consoleUrl = told.consoleUrl;
    this.agentUrl = told.agentUrl;
    this.apiToken = apiToken;
  }

  static async start(
    dataFolder: string,
    databaseUrl: string | null,
    nodeOptions: readonly string[],
  ): Promise<BenchedServer> {
    const serve = [
      cliBundle,
      'serve',
      '--json',
      '--data',
      dataFolder,
      '--listen',
      '127.0.0.1:0',
      '--console-port',
      '0',
    ];
    const hasTaskset = spawnSync('taskset', ['--help'], { stdio: 'ignore' }).error === undefined;
    const command = [...(hasTaskset ? ['taskset', '-c', '0'] : []), process.execPath, '--inspect=127.0.0.1:0'];
    const [program = '', ...args] = [...command, ...nodeOptions, ...serve];
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FANOUT_DATABASE: databaseUrl ?? '', FANOUT_LOG_LEVEL: 'fatal' },
    });
    let [output, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const endMs = performance.now() + startDeadlineMs;
    while (!output.includes('\n')) {
      if (child.exitCode !== null || performance.now() > endMs) {
        child.kill('SIGKILL');
        throw new Error(`the server did not start: ${errors}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const inspectorUrl = /ws:\/\/\S+/.exec(errors)?.[0] ?? '';
    const { apiToken } = JSON.parse(await readFile(path.join(dataFolder, 'server.json'), 'utf8')) as {
      apiToken: string;
    };
    return new BenchedServer(child, inspectorUrl, JSON.parse(output), apiToken);
  }

  /** Resident memory after garbage collections. */
  async rssMib(): Promise<number> {
    const socket = new WebSocket(this.#inspectorUrl);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    for (let id = 1; id <= 3; id++) {
      const answered = new Promise((resolve) => socket.once('message', resolve));
      socket.send(JSON.stringify({ id, method: 'HeapProfiler.collectGarbage' }));
      await answered;
      // What the collector gives back reaches the system a moment later.
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    socket.terminate();
    const status = await readFile(`/proc/${this.#child.pid}/status`, 'utf8');
    return Math.round((Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024) * 10) / 10;
  }

  async cpuSeconds(): Promise<number> {
    const fields = (await readFile(`/proc/${this.#child.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGINT');
    await ended;
  }
}
