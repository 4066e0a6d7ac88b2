import { fork } from 'node:child_process';
import path from 'node:path';
import type { FromWorker, ToWorker, WorkerAgent } from '../../../shared/contracts/worker-protocol.ts';
import { fromWorkerSchema } from '../../../shared/contracts/worker-protocol.ts';
import { eventually } from '../../notification-server/support/test-server.ts';

const entry = path.resolve(import.meta.dirname, '../../../dist/agent-worker/worker-main.mjs');

export interface TestWorker {
  startAgent(agent: WorkerAgent): Promise<void>;
  /** Asks it to stop; gives its exit code. */
  stop(): Promise<number | null>;
  /** Goes away as a parent that died; gives the worker's exit code. */
  disconnect(): Promise<number | null>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

/** A worker process as the fleet supervisor starts it. */
export async function startWorker(): Promise<TestWorker> {
  const child = fork(entry, [], { serialization: 'json', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const messages: FromWorker[] = [];
  child.on('message', (message) => messages.push(fromWorkerSchema.parse(message)));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const send = (message: ToWorker): void => {
    if (child.connected) child.send(message);
  };
  await eventually('the worker is ready', () => messages.find(({ kind }) => kind === 'ready') ?? null);
  return {
    startAgent: async (agent: WorkerAgent): Promise<void> => {
      send({ kind: 'start-agent', agent });
      const answer = await eventually(
        `${agent.name} runs`,
        () => messages.find((message) => 'name' in message && message.name === agent.name) ?? null,
      );
      if (answer.kind !== 'agent-running') throw new Error(JSON.stringify(answer));
    },
    stop: async (): Promise<number | null> => {
      send({ kind: 'stop' });
      return exited;
    },
    disconnect: async (): Promise<number | null> => {
      child.disconnect();
      return exited;
    },
    kill: async (): Promise<void> => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
