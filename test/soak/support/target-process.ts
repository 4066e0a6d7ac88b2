import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import path from 'node:path';
import type { Failures } from './campaign.ts';
import type { FromTarget, Measurement, ToTarget } from './target-messages.ts';

type Request = ToTarget extends infer One ? (One extends { readonly id: number } ? Omit<One, 'id'> : never) : never;

/** Output kept of a process that broke. */
const maxOutputCharacters = 8000;

/** A process under test. Its end before `stop`, and any trouble that it tells of, is a failure of the campaign. */
export class TargetProcess {
  readonly #child: ChildProcess;
  readonly #failures: Failures;
  readonly #waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  readonly #exited: Promise<void>;
  #nextId = 1;
  #errorOutput = '';
  #isStopping = false;
  #hasEnded = false;

  private constructor(child: ChildProcess, failures: Failures) {
    this.#child = child;
    this.#failures = failures;
    child.stderr?.on('data', (text: Buffer) => {
      this.#errorOutput = (this.#errorOutput + text.toString()).slice(-maxOutputCharacters);
    });
    this.#exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#hasEnded = true;
        if (!this.#isStopping) failures.add(`the process ended with ${code ?? signal}: ${this.#errorOutput}`);
        for (const { reject } of this.#waiting.values()) reject(new Error('the process under test ended'));
        this.#waiting.clear();
        resolve();
      });
    });
  }

  /** @param name of a file in `targets/`, without `-target.ts` */
  static async start(name: 'agent' | 'server', failures: Failures): Promise<TargetProcess> {
    const entry = path.resolve(import.meta.dirname, `../targets/${name}-target.ts`);
    const child = fork(entry, [], {
      serialization: 'advanced',
      execArgv: ['--expose-gc', '--unhandled-rejections=throw'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const target = new TargetProcess(child, failures);
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', () => reject(new Error(`the process under test did not start: ${target.#errorOutput}`)));
      child.on('message', (message: FromTarget) => {
        if (message.kind === 'ready') resolve();
        else target.#take(message);
      });
    });
    return target;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Rejects when the process ends first. */
  ask<Answer>(request: Request): Promise<Answer> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (this.#hasEnded) {
        reject(new Error('the process under test has ended'));
        return;
      }
      this.#waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
      this.#child.send({ ...request, id });
    });
  }

  measure(): Promise<Measurement> {
    return this.ask<Measurement>({ kind: 'measure' });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    if (!this.#hasEnded) this.#child.kill('SIGKILL');
    await this.#exited;
  }

  #take(message: Exclude<FromTarget, { kind: 'ready' }>): void {
    if (message.kind === 'trouble') {
      this.#failures.add(message.text);
      return;
    }
    this.#waiting.get(message.id)?.resolve(message.answer);
    this.#waiting.delete(message.id);
  }
}
