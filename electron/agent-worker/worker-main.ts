import './small-heap.ts';
import { pino } from 'pino';
import { AgentHost } from './agent-host.ts';
import { productVersion } from './product-version.ts';
import { connectToSupervisor } from './supervisor-channel.ts';

/*
 * Entry of an agent worker process, started by the fleet supervisor as a utilityProcess of Electron or as a child process.
 * Its life ends with 'stop', or with its parent: an agent that nobody supervises must not stay behind.
 */
const logger = pino(
  { level: process.env.FANOUT_LOG_LEVEL ?? 'info', base: { pid: process.pid } },
  // Standard error, synchronously: the last line before a crash is the one that matters.
  pino.destination({ dest: 2, sync: true }),
);

const channel = connectToSupervisor();
if (channel === null) {
  logger.error({}, 'an agent worker is started by the fleet supervisor; run "fanout agent" instead');
  process.exit(2);
}

const host = new AgentHost({
  productVersion: productVersion(),
  logger,
  send: (message) => channel.send(message),
  exit: (code) => process.exit(code),
});

process.on('uncaughtException', (error) => {
  // The state of every agent here is unknown: the supervisor starts a new worker, and the stores are crash-safe.
  logger.error({ error: error.stack ?? error.message }, 'the agent worker fails');
  process.exit(1);
});
process.on('SIGTERM', () => void host.stopAll());
// Sent to the whole process group by Ctrl+C: the supervisor gets it too, and stops its workers in order.
process.on('SIGINT', () => undefined);

channel.onMessage((message) => host.handle(message));
channel.onClosed(() => void host.stopAll());
channel.send({ kind: 'ready', pid: process.pid });
