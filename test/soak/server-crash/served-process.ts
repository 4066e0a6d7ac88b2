import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FanoutRun } from '../../cli/fanout-process.ts';
import { fanout } from '../../cli/fanout-process.ts';

export interface ServePlace {
  readonly dataFolder: string;
  /** The same at every start, so that agents find it again. */
  readonly agentPort: number;
  readonly consolePort: number;
  /** Of a PostgreSQL database; null = embedded. */
  readonly databaseUrl: string | null;
}

/** `fanout serve` as an administrator runs it, until it is killed. */
export class ServedProcess {
  readonly #run: FanoutRun;
  readonly #place: ServePlace;

  constructor(place: ServePlace) {
    this.#place = place;
    const { dataFolder, agentPort, consolePort, databaseUrl } = place;
    const args = ['serve', '--json', '--data', dataFolder, '--listen', `127.0.0.1:${agentPort}`];
    const environment = { FANOUT_LOG_LEVEL: 'fatal', FANOUT_DATABASE: databaseUrl ?? '' };
    this.#run = fanout([...args, '--console-port', String(consolePort)], environment);
  }

  /** Resolves when it is up; rejects with what it said where it ends first. */
  async up(): Promise<void> {
    const ended = this.#run.ended.then((code) => {
      throw new Error(`fanout serve ended with ${code}: ${this.#run.stderr()}`);
    });
    ended.catch(() => undefined); // told below, if anybody still waits
    const ready = new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.#run.stdout().includes('"consoleUrl"')) resolve();
      };
      this.#run.child.stdout?.on('data', look);
      look();
    });
    await Promise.race([ready, ended]);
  }

  get consoleUrl(): string {
    return `http://127.0.0.1:${this.#place.consolePort}`;
  }

  get agentUrl(): string {
    return `https://127.0.0.1:${this.#place.agentPort}`;
  }

  async apiToken(): Promise<string> {
    const text = await readFile(path.join(this.#place.dataFolder, 'server.json'), 'utf8');
    return (JSON.parse(text) as { apiToken: string }).apiToken;
  }

  /** SIGKILL: it does nothing any more. */
  async kill(): Promise<void> {
    this.#run.child.kill('SIGKILL');
    await this.#run.ended.catch(() => undefined);
  }

  /** As Ctrl+C; the exit code. */
  stop(): Promise<number | null> {
    this.#run.child.kill('SIGINT');
    return this.#run.ended;
  }
}
