import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { AgentId } from '../../../shared/base/ids.ts';
import type { FeedFromAgent, FeedToAgent } from '../../../shared/contracts/agent-feed.ts';
import { feedCloseCodes, feedFromAgentSchema } from '../../../shared/contracts/agent-feed.ts';
import type { AgentRecord } from './agent-directory.ts';

interface Feed {
  readonly record: AgentRecord;
  /** Null where the agent does not tell. */
  readonly bootId: number | null;
  readonly address: string;
  readonly socket: WebSocket;
  isAnswering: boolean;
}

export interface FeedOrigin {
  readonly bootId: number;
  readonly address: string;
}

export interface AgentFeedListener {
  connected(record: AgentRecord): void;
  disconnected(record: AgentRecord): void;
  reported(record: AgentRecord, message: FeedFromAgent): void;
  /** Two feeds under one agent id answer: `later` opened while `first` was alive, and is closed. */
  bothAlive(record: AgentRecord, later: FeedOrigin, first: FeedOrigin): void;
}

const pingEveryMs = 15_000;
/** A feed of another boot of the same agent has this long to show that it is not what a restart left behind. */
const contestMs = 5000;
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

  /**
   * A second feed of the same agent takes the place of the first. One of another boot does so only where the first answers
   * no more: else both are alive, and the later is a copy.
   */
  async connect(record: AgentRecord, socket: WebSocket, bootId: number | null, address: string): Promise<void> {
    // The 'close' that follows says all there is to say.
    socket.on('error', () => socket.terminate());
    const previous = this.#feeds.get(record.agentId);
    if (previous !== undefined && bootId !== null && previous.bootId !== null && previous.bootId !== bootId) {
      if (await answersPing(previous.socket)) {
        socket.close(feedCloseCodes.cloned, 'another computer uses this identity');
        const first = { bootId: previous.bootId, address: previous.address };
        this.#listener.bothAlive(record, { bootId, address }, first);
        return;
      }
      previous.socket.terminate();
    }
    if (socket.readyState === socket.OPEN) this.#accept({ record, socket, bootId, address, isAnswering: true });
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

  #accept(feed: Feed): void {
    const { record, socket } = feed;
    const previous = this.#feeds.get(record.agentId);
    this.#feeds.set(record.agentId, feed);
    previous?.socket.close(feedCloseCodes.replaced, 'another feed of this agent opened');
    socket.on('pong', () => {
      feed.isAnswering = true;
    });
    socket.on('message', (data) => this.#receive(feed, data.toString()));
    socket.on('close', () => this.#end(feed));
    this.#listener.connected(record);
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

/** False where it closes, or says nothing for `contestMs`. */
function answersPing(socket: WebSocket): Promise<boolean> {
  const question = randomBytes(8);
  return new Promise((resolve) => {
    const end = (isAlive: boolean): void => {
      clearTimeout(timer);
      socket.off('pong', onPong);
      socket.off('close', onClose);
      resolve(isAlive);
    };
    const onPong = (answer: Buffer): void => {
      if (question.equals(answer)) end(true);
    };
    const onClose = (): void => end(false);
    const timer = setTimeout(() => end(false), contestMs);
    socket.on('pong', onPong);
    socket.on('close', onClose);
    if (socket.readyState === socket.OPEN) socket.ping(question);
    else end(false);
  });
}

function parseMessage(text: string): FeedFromAgent | null {
  try {
    return feedFromAgentSchema.parse(JSON.parse(text));
  } catch {
    // Counted by the caller: an agent of another version must not stop the feed.
    return null;
  }
}
