import { WebSocket } from 'ws';
import type { AgentId } from '../../../shared/base/ids.ts';
import { feedToConsoleSchema } from '../../../shared/contracts/console-feed.ts';
import type { AgentDiagnostics } from '../../../shared/contracts/diagnostics.ts';
import type { TestServer } from '../../notification-server/support/test-server.ts';
import { eventually } from '../../notification-server/support/test-server.ts';

/** What an agent says of itself, as its page in the console shows it. */
export class WatchedAgent {
  #latest: AgentDiagnostics | null = null;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const message = feedToConsoleSchema.parse(JSON.parse(data.toString()));
      if (message.topic === 'agent') this.#latest = message.data.diagnostics ?? this.#latest;
    });
  }

  static async open(server: TestServer, agentId: AgentId): Promise<WatchedAgent> {
    const socket = new WebSocket(`${server.consoleUrl.replace('http', 'ws')}/api/v1/feed`, {
      headers: { authorization: `Bearer ${server.apiToken}` },
    });
    const watched = new WatchedAgent(socket);
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    socket.send(JSON.stringify({ kind: 'subscribe', topic: { topic: 'agent', agentId } }));
    return watched;
  }

  get latest(): AgentDiagnostics | null {
    return this.#latest;
  }

  /** The first report that is as wanted, the latest one included. */
  when(what: string, isWanted: (diagnostics: AgentDiagnostics) => boolean): Promise<AgentDiagnostics> {
    return eventually(what, () => (this.#latest !== null && isWanted(this.#latest) ? this.#latest : null), 20_000);
  }

  dropped(kind: keyof AgentDiagnostics['datagrams']['dropped']): number {
    return this.#latest?.datagrams.dropped[kind] ?? 0;
  }

  isPeer(agentId: AgentId): boolean {
    return this.#latest?.peers.some((peer) => peer.agentId === agentId && peer.state === 'available') === true;
  }

  stop(): void {
    this.#socket.terminate();
  }
}
