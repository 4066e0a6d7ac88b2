import { WebSocket } from 'ws';
import type { AgentId } from '../../../shared/base/ids.ts';
import { feedToConsoleSchema } from '../../../shared/contracts/console-feed.ts';
import type { AgentDiagnostics } from '../../../shared/contracts/diagnostics.ts';
import type { TestServer } from '../../notification-server/support/test-server.ts';

/** What an agent says of itself, as its page in the console shows it. */
export class WatchedAgent {
  #latest: AgentDiagnostics | null = null;
  readonly #socket: WebSocket;

  constructor(server: TestServer, agentId: AgentId) {
    this.#socket = new WebSocket(`${server.consoleUrl.replace('http', 'ws')}/api/v1/feed`, {
      headers: { authorization: `Bearer ${server.apiToken}` },
    });
    this.#socket.on('open', () =>
      this.#socket.send(JSON.stringify({ kind: 'subscribe', topic: { topic: 'agent', agentId } })),
    );
    this.#socket.on('message', (data) => {
      const message = feedToConsoleSchema.parse(JSON.parse(data.toString()));
      if (message.topic === 'agent') this.#latest = message.data.diagnostics ?? this.#latest;
    });
  }

  get latest(): AgentDiagnostics | null {
    return this.#latest;
  }

  dropped(kind: keyof AgentDiagnostics['datagrams']['dropped']): number {
    return this.#latest?.datagrams.dropped[kind] ?? 0;
  }

  isPeer(agentId: AgentId): boolean {
    return this.#latest?.peers.some((peer) => peer.agentId === agentId && peer.state === 'available') === true;
  }

  async stop(): Promise<void> {
    this.#socket.terminate();
  }
}
