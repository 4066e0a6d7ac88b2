/**
 * What a byte costs: one agent fetches a package from the Notification Server, then hands it to four others that start
 * at once. Every process is one of the production bundles, everything goes over mutual TLS on loopback.
 *
 *   npm run bench:agent -- [--mib 1024] [--receivers 4] [--idle-seconds 60] [--folder PATH]
 *     [--agent-options="--cpu-prof …"] [--server-options=…]
 *
 * Prints one JSON line: seconds, CPU seconds per GiB by role and memory by role. `direct` is the first copy, `peers` the
 * copies that follow. CPU seconds of `total` are all processes together per GiB that arrived.
 */
import path from 'node:path';
import { writeRandomFile } from '../lab/random-file.ts';
import { scriptOptions, wholeNumber } from '../script-options.ts';
import type { BenchAgent, Process } from './agent-stage.ts';
import { withStage } from './agent-stage.ts';

const { values } = scriptOptions(import.meta.filename, {
  options: {
    mib: { type: 'string', default: '1024' },
    receivers: { type: 'string', default: '4' },
    'idle-seconds': { type: 'string', default: '60' },
    folder: { type: 'string' },
    'agent-options': { type: 'string', default: '' },
    'server-options': { type: 'string', default: '' },
  },
});
const mib = wholeNumber('mib', values.mib, 1);
const receiverCount = wholeNumber('receivers', values.receivers, 1);
const idleSeconds = wholeNumber('idle-seconds', values['idle-seconds'], 0);
const gib = mib / 1024;
const subnet = '127.77.1';

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

const result = await withStage(
  {
    agentNodeOptions: words(values['agent-options']),
    serverNodeOptions: words(values['server-options']),
    ...(values.folder === undefined ? {} : { folder: values.folder }),
  },
  async ({ folder, server, startAgent }) => {
    const file = path.join(folder, 'package.bin');
    await writeRandomFile(file, mib * 1024 * 1024);
    const { guid, version, key } = await server.importFile(file);
    await server.addSubnet(`${subnet}.0/24`, {}, 0);
    const sender = await startAgent('sender', `${subnet}.1`);
    const receivers: BenchAgent[] = [];
    for (let index = 0; index < receiverCount; index++) {
      receivers.push(await startAgent(`receiver-${index + 1}`, `${subnet}.${index + 2}`));
    }
    await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1000));
    const rssIdleMib = sender.rssMib();
    const deliver = (target: object) =>
      server.call('POST', '/deliveries', { guid, version, target, priority: 'normal' });
    const direct = await measured([server, sender], async () => {
      await deliver({ kind: 'agents', agentIds: [sender.agentId] });
      await sender.ready(key);
    });
    const peers = await measured([server, sender, ...receivers], async () => {
      await deliver({ kind: 'all' });
      await Promise.all(receivers.map((receiver) => receiver.ready(key)));
    });
    const receiverCpu = receivers.reduce((sum, { name }) => sum + (peers.cpuSeconds[name] ?? 0), 0);
    return {
      packageMib: mib,
      receivers: receiverCount,
      direct: {
        secondsPerGib: round(direct.seconds / gib),
        cpuSecondsPerGib: {
          server: round(direct.cpuSeconds['notification-server'] ?? 0, gib),
          receiver: round(direct.cpuSeconds.sender ?? 0, gib),
          total: round(direct.totalCpuSeconds, gib),
        },
      },
      peers: {
        secondsPerGib: round(peers.seconds / gib),
        cpuSecondsPerGib: {
          server: round(peers.cpuSeconds['notification-server'] ?? 0, gib * receiverCount),
          /** Per GiB that reached a receiver, whoever sent it. */
          sender: round(peers.cpuSeconds.sender ?? 0, gib * receiverCount),
          /** Receiving, and sending on to one another. */
          receivers: round(receiverCpu, gib * receiverCount),
          total: round(peers.totalCpuSeconds, gib * receiverCount),
        },
      },
      rssIdleMib: round(rssIdleMib),
      rssPeakMib: {
        sender: round(sender.rssPeakMib()),
        receivers: round(Math.max(...receivers.map((receiver) => receiver.rssPeakMib()))),
      },
    };
  },
);
console.log(JSON.stringify(result));

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: Readonly<Record<string, number>>;
  readonly totalCpuSeconds: number;
}

async function measured(processes: readonly Process[], run: () => Promise<void>): Promise<Measured> {
  const before = processes.map((each) => each.cpuSeconds());
  const startedAtMs = performance.now();
  await run();
  const seconds = (performance.now() - startedAtMs) / 1000;
  const spent = processes.map((each, index) => each.cpuSeconds() - (before[index] ?? 0));
  return {
    seconds,
    cpuSeconds: Object.fromEntries(processes.map(({ name }, index) => [name, spent[index] ?? 0])),
    totalCpuSeconds: spent.reduce((sum, each) => sum + each, 0),
  };
}

function round(value: number, per = 1): number {
  return Math.round((value / per) * 100) / 100;
}
