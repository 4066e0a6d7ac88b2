import type { Socket } from 'node:net';
import type { AgentId } from '../../../shared/base/ids.ts';

/** The open connections of each agent, so that all of them can be ended at once. */
export class AgentConnections {
  readonly #sockets = new Map<AgentId, Set<Socket>>();

  /** With every request; remembers a connection until it closes. */
  note(agentId: AgentId, socket: Socket): void {
    const known = this.#sockets.get(agentId) ?? new Set();
    if (known.has(socket)) return;
    known.add(socket);
    this.#sockets.set(agentId, known);
    socket.once('close', () => {
      known.delete(socket);
      if (known.size === 0 && this.#sockets.get(agentId) === known) this.#sockets.delete(agentId);
    });
  }

  /** Also in the middle of an answer. */
  breakOff(agentId: AgentId): void {
    for (const socket of this.#sockets.get(agentId) ?? []) socket.destroy();
  }
}
