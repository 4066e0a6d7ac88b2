import type { WebSocket } from 'ws';
import type { AgentId } from '../../../shared/base/ids.ts';
import type { FeedFromAgent, FeedToAgent } from '../../../shared/contracts/agent-feed.ts';
import { feedCloseCodes, feedFromAgentSchema } from '../../../shared/contracts/agent-feed.ts';
import type { AgentRecord } from './agent-directory.ts';

interface Feed {
  readonly record: AgentRecord;
  readonly socket: WebSocket;
  isAnswering: boolean;
}

export interface AgentFeedListener {
  connected(record: AgentRecord): void;
  disconnected(record: AgentRecord): void;
  reported(record: AgentRecord, message: FeedFromAgent): void;
}

const pingEveryMs = 15_000;
/** An agent that does not read is better off reconnecting than with a queue here. */
const maximumBufferedBytes = 256 * 1024;

/** The open feeds of agents: an agent is online while its feed is open and answers pings. */
export class AgentFeeds {
  readonly #feeds = new Map<AgentId, Feed>();
  readonly #listener: AgentFeedListener;
  readonly #timer: NodeJS.Timeout;
  #malformed = 0;

  constructor(listener: AgentFeedListener) {
    this.#listener = listener;
    this.#timer = setInterval(() => this.#ping(), pingEveryMs);
  }

  get onlineCount(): number {
    return this.#feeds.size;
  }

  /** Messages of agents that were not understood and dropped. */
  get malformedCount(): number {
    return this.#malformed;
  }

  isOnline(agentId: AgentId): boolean {
    return this.#feeds.has(agentId);
  }

  online(): AgentRecord[] {
    return [...this.#feeds.values()].map((feed) => feed.record);
  }

  /** A second feed of the same agent takes the place of the first. */
  connect(record: AgentRecord, socket: WebSocket): void {
    const feed: Feed = { record, socket, isAnswering: true };
    const previous = this.#feeds.get(record.agentId);
    this.#feeds.set(record.agentId, feed);
    previous?.socket.close(feedCloseCodes.replaced, 'another feed of this agent opened');
    socket.on('pong', () => {
      feed.isAnswering = true;
    });
    socket.on('message', (data) => this.#receive(feed, data.toString()));
    // The 'close' that follows says all there is to say.
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#end(feed));
    this.#listener.connected(record);
  }

  /** False where the agent is not online. */
  send(agentId: AgentId, message: FeedToAgent): boolean {
    const feed = this.#feeds.get(agentId);
    if (feed === undefined) return false;
    if (feed.socket.bufferedAmount > maximumBufferedBytes) {
      feed.socket.terminate();
      return false;
    }
    feed.socket.send(JSON.stringify(message));
    return true;
  }

  /** The agent is offline from this moment on. */
  closeFor(agentId: AgentId): void {
    const feed = this.#feeds.get(agentId);
    if (feed === undefined) return;
    this.#end(feed);
    feed.socket.terminate();
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const { socket } of this.#feeds.values()) socket.close(1001, 'the server is stopping');
  }

  #end(feed: Feed): void {
    const { record } = feed;
    if (this.#feeds.get(record.agentId) !== feed) return;
    this.#feeds.delete(record.agentId);
    this.#listener.disconnected(record);
  }

  #receive(feed: Feed, text: string): void {
    feed.isAnswering = true;
    const message = parseMessage(text);
    if (message === null) this.#malformed++;
    else this.#listener.reported(feed.record, message);
  }

  #ping(): void {
    for (const feed of this.#feeds.values()) {
      if (!feed.isAnswering) {
        feed.socket.terminate();
        continue;
      }
      feed.isAnswering = false;
      feed.socket.ping();
    }
  }
}

function parseMessage(text: string): FeedFromAgent | null {
  try {
    return feedFromAgentSchema.parse(JSON.parse(text));
  } catch {
    // Counted by the caller: an agent of another version must not stop the feed.
    return null;
  }
}
