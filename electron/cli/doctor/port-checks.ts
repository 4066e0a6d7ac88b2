import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { pidOfListener } from '../../notification-server/processes.ts';
import type { Check } from './check.ts';
import { ok, problem } from './check.ts';

export interface PortNeed {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  /** Who needs it and for what, such as `agents, for other agents`. */
  readonly purpose: string;
  /** What to do where another program has it. */
  readonly elsewhere: string;
}

export interface Ports {
  /** Where agents connect to the server. */
  readonly server: number;
  /** Of agents, for each other. */
  readonly peers: number;
  readonly console: number;
}

export const defaultPorts: Ports = { server: 27_800, peers: 27_801, console: 27_802 };

export function portNeeds({ server, peers, console }: Ports): PortNeed[] {
  const ofPeers = 'set another TCP/UDP port in the policy of its agents';
  return [
    {
      port: server,
      protocol: 'tcp',
      purpose: 'the server, for agents',
      elsewhere: 'start the server with another --listen',
    },
    { port: peers, protocol: 'tcp', purpose: 'agents, for other agents', elsewhere: ofPeers },
    { port: peers, protocol: 'udp', purpose: 'agents, to find each other', elsewhere: ofPeers },
    {
      port: console,
      protocol: 'tcp',
      purpose: 'the console',
      elsewhere: 'start the server with another --console-port',
    },
  ];
}

/** Free, or whose: Fanout itself may have it. `ownPid`: the server of the data folder, where one runs. */
export async function checkPort(need: PortNeed, ownPid: number | null): Promise<Check> {
  const { port, protocol, purpose, elsewhere } = need;
  const subject = `${protocol.toUpperCase()} port ${port} (${purpose})`;
  const code = protocol === 'tcp' ? await listenCode(port) : await bindCode(port);
  if (code === null) return ok(subject, 'free');
  if (code !== 'EADDRINUSE') {
    return problem(subject, `the system does not give it (${code})`, `Allow it, or ${elsewhere}.`);
  }
  const pid = await pidOfListener(port, protocol);
  if (pid !== null && pid === ownPid) return ok(subject, `the server of this data folder has it (process ${pid})`);
  const command = pid === null ? '' : await commandOf(pid);
  const owner = pid === null ? 'another process' : `process ${pid}${command === '' ? '' : ` (${command})`}`;
  if (isFanout(command)) return ok(subject, `Fanout itself has it: ${owner}`);
  return problem(subject, `${owner} has it`, `Stop that program, or ${elsewhere}.`);
}

/** By its command line, in a checkout, a package or the desktop application. */
export function isFanout(command: string): boolean {
  return /(^|[\\/\s])(fanout(\.mjs|\.exe|\.cmd)?|dist[\\/](cli|main|agent-worker)[\\/][a-z-]+\.mjs)(\s|$)/i.test(
    command,
  );
}

const longestCommand = 120;

/** The command line of a process, where the system tells it for free (Linux); else ''. */
async function commandOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return shownCommand(text.split('\0'));
}

/** What comes after the first option may be a secret, such as a join token, and is nobody's business here. */
export function shownCommand(words: readonly string[]): string {
  const firstOption = words.findIndex((word, index) => index > 0 && word.startsWith('-'));
  const shown = firstOption < 0 ? words : words.slice(0, firstOption);
  return shown.join(' ').trim().slice(0, longestCommand);
}

/** At all addresses and at loopback: some systems let one program have the one and another the other. */
async function listenCode(port: number): Promise<string | null> {
  for (const host of ['0.0.0.0', '127.0.0.1']) {
    const code = await new Promise<string | null>((resolve) => {
      const server = createServer();
      server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
    });
    if (code !== null) return code;
  }
  return null;
}

function bindCode(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      resolve(error.code ?? error.message);
    });
    socket.bind({ address: '0.0.0.0', port, exclusive: true }, () => socket.close(() => resolve(null)));
  });
}
