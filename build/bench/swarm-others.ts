/**
 * What else brings a file to everybody, in the same network as Fanout: curl from a web server, aria2 and libtorrent with one seed
 * beside the server, one tracker and local discovery. Nothing leaves the namespaces. Timed from the start of the processes.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { LabNetwork } from '../lab/lab-network.ts';
import type { LabProcess } from '../lab/lab-processes.ts';
import { firstLine, LabProcesses } from '../lab/lab-processes.ts';
import { writeRandomFile } from '../lab/random-file.ts';
import type { SwarmFigures, SwarmTopology } from './swarm-topology.ts';
import { figuresOf, minimumSeconds } from './swarm-topology.ts';
import { torrentOf } from './torrent-file.ts';

export interface Contest {
  readonly topology: SwarmTopology;
  readonly network: LabNetwork;
  readonly folder: string;
}

/** Frames over content of one plain TCP connection. */
const wireBytesPerContentByte = 1514 / 1448;
/** A seed reads its file and announces itself in less. */
const seedStartMs = 3000;
const completion = /complete|^[0-9a-f]{16} 1 /;
const httpPort = 8080;
const trackerPort = 6969;

/** Copies over the WAN are as many as there are computers, and so is the time: an eighth of a large package shows it. */
export function curlShareOf(topology: SwarmTopology): SwarmTopology {
  const isLong = topology.wan.megabits !== null && topology.agents * minimumSeconds(topology) > 120;
  return isLong ? { ...topology, packageBytes: topology.packageBytes / 8 } : topology;
}

export async function measureCurl(contest: Contest): Promise<SwarmFigures> {
  const url = `http://${serverAddress(contest)}:${httpPort}/package`;
  return measure(contest, {
    source: async (processes, file) => {
      const server = path.join(import.meta.dirname, 'static-server.ts');
      const words = [server, file, serverAddress(contest), String(httpPort)];
      const started = processes.start(contest.network.server.namespace, process.execPath, words);
      await firstLine(started);
      return started;
    },
    // The shell stays, so that its child's processor time can be read.
    peer: (folder) => [
      'sh',
      ['-c', `curl --silent --fail --output '${folder}/package' ${url} && echo complete && sleep 600`],
    ],
  });
}

export async function measureAria2(contest: Contest): Promise<SwarmFigures | { notMeasured: string }> {
  if (!succeeds('aria2c', ['--version'])) return { notMeasured: 'there is no aria2c (Debian: aria2)' };
  const words = (folder: string, torrent: string) => [
    ...['--dir', folder, '--enable-dht=false', '--enable-dht6=false', '--disable-ipv6=true', '--bt-enable-lpd=true'],
    ...['--seed-ratio=0', '--file-allocation=none', '--summary-interval=0', '--bt-tracker-interval=2'],
    // The hook is called with the download's id and files: it says what aria2 itself does not.
    ...[
      '--listen-port=6881',
      '--allow-overwrite=true',
      '--no-conf=true',
      '--on-bt-download-complete=/bin/echo',
      torrent,
    ],
  ];
  return measureTorrent(contest, {
    seed: (folder, torrent) => ['aria2c', ['--bt-seed-unverified=true', ...words(folder, torrent)]],
    peer: (folder, torrent) => ['aria2c', words(folder, torrent)],
  });
}

export async function measureLibtorrent(contest: Contest): Promise<SwarmFigures | { notMeasured: string }> {
  const python = '/usr/bin/python3';
  if (!succeeds(python, ['-c', 'import libtorrent'])) {
    return { notMeasured: 'there is no libtorrent for Python (Debian: python3-libtorrent)' };
  }
  const script = path.join(import.meta.dirname, 'libtorrent-peer.py');
  return measureTorrent(contest, {
    seed: (folder, torrent) => [python, [script, torrent, folder]],
    peer: (folder, torrent) => [python, [script, torrent, folder]],
  });
}

type Command = readonly [program: string, words: readonly string[]];

async function measureTorrent(
  contest: Contest,
  commands: {
    readonly seed: (folder: string, torrent: string) => Command;
    readonly peer: (folder: string, torrent: string) => Command;
  },
): Promise<SwarmFigures> {
  const torrent = path.join(contest.folder, 'package.torrent');
  return measure(contest, {
    source: async (processes, file) => {
      const { namespace } = contest.network.server;
      const address = serverAddress(contest);
      const tracker = [path.join(import.meta.dirname, 'http-tracker.ts'), address, String(trackerPort)];
      await firstLine(processes.start(namespace, process.execPath, tracker));
      writeFileSync(torrent, await torrentOf(file, `http://${address}:${trackerPort}/announce`));
      const [program, words] = commands.seed(path.dirname(file), torrent);
      const seed = processes.start(namespace, program, words);
      seed.child.stdout?.resume();
      await new Promise((resolve) => setTimeout(resolve, seedStartMs));
      return seed;
    },
    peer: (folder) => commands.peer(folder, torrent),
  });
}

/** Starts the source, then a process on every computer, and waits until the last one says that it is complete. */
async function measure(
  { topology, network, folder }: Contest,
  parts: {
    readonly source: (processes: LabProcesses, file: string) => Promise<LabProcess>;
    readonly peer: (folder: string) => Command;
  },
): Promise<SwarmFigures> {
  const [subnet] = network.subnets;
  if (subnet === undefined) throw new Error('the topology has no subnet');
  const processes = new LabProcesses();
  try {
    const file = path.join(folder, 'package.bin');
    await writeRandomFile(file, topology.packageBytes);
    const source = await parts.source(processes, file);
    const sourceCpuBefore = source.cpuSeconds();
    const before = network.wanCounters(subnet).intoSubnetBytes;
    const startedAtMs = performance.now();
    const peers = await Promise.all(
      subnet.computers.map(async ({ namespace }, index) => {
        const own = path.join(folder, `peer-${index}`);
        mkdirSync(own);
        const [program, words] = parts.peer(own);
        const started = processes.start(namespace, program, words);
        await sayingComplete(started);
        return started;
      }),
    );
    const seconds = (performance.now() - startedAtMs) / 1000;
    const cpuSeconds = [source, ...peers].reduce((sum, process) => sum + process.cpuSeconds(), 0) - sourceCpuBefore;
    return figuresOf(topology, {
      seconds,
      wanBytesByKernel: network.wanCounters(subnet).intoSubnetBytes - before,
      wireBytesPerContentByte: topology.wan.megabits === null ? 1 : wireBytesPerContentByte,
      cpuSeconds,
      rssPeakMib: Math.max(...peers.map((process) => process.rssPeakMib())),
    });
  } finally {
    await processes.stopAll();
  }
}

async function sayingComplete({ child }: LabProcess): Promise<void> {
  if (child.stdout === null) throw new Error('its output is not read');
  for await (const line of createInterface({ input: child.stdout })) if (completion.test(line)) return;
  throw new Error(`${child.spawnargs.join(' ')} ended without being complete`);
}

function serverAddress({ network }: Contest): string {
  const [address] = network.server.addresses;
  if (address === undefined) throw new Error('the server has no address');
  return address;
}

function succeeds(program: string, words: readonly string[]): boolean {
  return spawnSync(program, words, { stdio: 'ignore' }).status === 0;
}
