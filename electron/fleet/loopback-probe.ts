import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { FleetPlan } from '../../shared/contracts/fleet.ts';

/** Attempts to find a port that is free for TCP and UDP alike; each takes about a millisecond. */
const maxPortAttempts = 50;

/** Whether a TCP socket can listen there now; port 0 asks whether the address exists. */
export function canListen(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Whether every address of 127.0.0.0/8 is there (Linux, Windows) or 127.0.0.1 alone (macOS without aliases). */
export function hasWholeLoopback(): Promise<boolean> {
  return canListen('127.77.1.1', 0);
}

/** The addresses with ports of a plan that somebody else listens on. */
export async function takenSockets(plan: FleetPlan): Promise<string[]> {
  const agents = plan.subnets.flatMap((subnet) => subnet.agents);
  const free = await Promise.all(agents.map((agent) => canListen(agent.address, agent.port)));
  return agents.filter((_, index) => free[index] === false).map((agent) => `${agent.address}:${agent.port}`);
}

/**
 * A port that nobody has on any address, for TCP and UDP, between 20000 and 29999: below the range from which systems
 * give ports to outgoing connections, so that nobody takes it before the agents do. Null where none was found.
 */
export async function findFreePort(random: () => number = Math.random): Promise<number | null> {
  for (let attempt = 0; attempt < maxPortAttempts; attempt++) {
    const port = 20_000 + Math.floor(random() * 10_000);
    if (port >= 27_790 && port <= 27_999) continue; // where servers and fleets of their own live by default
    if ((await canListen('0.0.0.0', port)) && (await canBindDatagrams(port))) return port;
  }
  return null;
}

function canBindDatagrams(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind({ port, address: '0.0.0.0', exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
