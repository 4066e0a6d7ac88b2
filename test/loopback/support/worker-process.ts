import { fork } from 'node:child_process';
import path from 'node:path';
import type { FromWorker, ToWorker, WorkerAgent } from '../../../shared/contracts/worker-protocol.ts';
import { fromWorkerSchema } from '../../../shared/contracts/worker-protocol.ts';
import { eventually } from '../../notification-server/support/test-server.ts';

const entry = path.resolve(import.meta.dirname, '../../../dist/agent-worker/worker-main.mjs');

/** A worker process as the fleet supervisor starts it. */
export async function startWorker() {
  const child = fork(entry, [], { serialization: 'json', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const messages: FromWorker[] = [];
  child.on('message', (message) => messages.push(fromWorkerSchema.parse(message)));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const send = (message: ToWorker): void => {
    if (child.connected) child.send(message);
  };
  await eventually('the worker is ready', () => messages.find(({ kind }) => kind === 'ready') ?? null);
  return {
    messages,
    startAgent: async (agent: WorkerAgent): Promise<void> => {
      send({ kind: 'start-agent', agent });
      const answer = await eventually(
        `${agent.name} runs`,
        () => messages.find((message) => 'name' in message && message.name === agent.name) ?? null,
      );
      if (answer.kind !== 'agent-running') throw new Error(JSON.stringify(answer));
    },
    /** Asks it to stop; gives its exit code. */
    stop: async (): Promise<number | null> => {
      send({ kind: 'stop' });
      return exited;
    },
    /** Goes away as a parent that died; gives the worker's exit code. */
    disconnect: async (): Promise<number | null> => {
      child.disconnect();
      return exited;
    },
    /** SIGKILL; resolves when the process is gone. */
    kill: async (): Promise<void> => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
