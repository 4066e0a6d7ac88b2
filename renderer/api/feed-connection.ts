import {
  type ConsoleTopic,
  type FeedFromConsole,
  type FeedToConsole,
  feedToConsoleSchema,
} from '../../shared/contracts/console-feed.ts';

/** The part of a WebSocket that the feed uses. */
export interface FeedSocket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
}

export interface FeedConnectionOptions {
  /** Opens a socket to `/api/v1/feed`. */
  readonly openSocket: () => FeedSocket;
  /** Runs `action` after `delayMs`; the answer cancels it. */
  readonly schedule: (delayMs: number, action: () => void) => () => void;
  /** 0 … 1, spreads the consoles that a restarted server would otherwise meet all at once. */
  readonly random: () => number;
  readonly onMessage: (message: FeedToConsole) => void;
  /** The server sent what this version cannot read; it is not shown. */
  readonly onUnreadable: () => void;
  readonly onState: (state: FeedConnectionState) => void;
}

export type FeedConnectionState = 'connecting' | 'live' | 'retrying' | 'closed';

const firstPauseMs = 500;
const longestPauseMs = 10_000;

/** Pause before try number `failures` (1, 2, …): doubles up to 10 s, ± 20 %. */
export function reconnectPauseMs(failures: number, random: number): number {
  const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures - 1, 10));
  return Math.round(pause * (0.8 + 0.4 * random));
}

/** One WebSocket to the server, opened again for ever while it is wanted; subscriptions outlive it. */
export class FeedConnection {
  readonly #options: FeedConnectionOptions;
  /** Topics by their text, with the number of places that show them. Bounded by what is on the screen. */
  readonly #topics = new Map<string, { readonly topic: ConsoleTopic; users: number }>();
  #socket: FeedSocket | null = null;
  #isOpen = false;
  #isWanted = false;
  #failures = 0;
  #cancelRetry: (() => void) | null = null;

  constructor(options: FeedConnectionOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#failures = 0;
    this.#connect('connecting');
  }

  stop(): void {
    this.#isWanted = false;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    const socket = this.#socket;
    this.#socket = null;
    this.#isOpen = false;
    socket?.close();
    this.#options.onState('closed');
  }

  /** Does not wait for the pause to end. */
  retryNow(): void {
    if (!this.#isWanted || this.#socket !== null) return;
    this.#cancelRetry?.();
    this.#connect('retrying');
  }

  /** The answer gives the subscription back; the last one to do so unsubscribes. */
  subscribe(topic: ConsoleTopic): () => void {
    const text = JSON.stringify(topic);
    const entry = this.#topics.get(text);
    if (entry === undefined) {
      this.#topics.set(text, { topic, users: 1 });
      this.#send({ kind: 'subscribe', topic });
    } else {
      entry.users++;
    }
    let isGivenBack = false;
    return () => {
      if (isGivenBack) return;
      isGivenBack = true;
      const current = this.#topics.get(text);
      if (current === undefined) return;
      current.users--;
      if (current.users > 0) return;
      this.#topics.delete(text);
      this.#send({ kind: 'unsubscribe', topic });
    };
  }

  #connect(state: FeedConnectionState): void {
    this.#cancelRetry = null;
    this.#options.onState(state);
    const socket = this.#options.openSocket();
    this.#socket = socket;
    socket.onopen = () => {
      if (this.#socket !== socket) return;
      this.#isOpen = true;
      this.#failures = 0;
      this.#options.onState('live');
      for (const { topic } of this.#topics.values()) this.#send({ kind: 'subscribe', topic });
    };
    socket.onmessage = (event) => {
      if (this.#socket === socket) this.#receive(event.data);
    };
    socket.onclose = () => {
      if (this.#socket === socket) this.#lost();
    };
  }

  #lost(): void {
    this.#socket = null;
    this.#isOpen = false;
    this.#failures++;
    this.#options.onState('retrying');
    const pauseMs = reconnectPauseMs(this.#failures, this.#options.random());
    this.#cancelRetry = this.#options.schedule(pauseMs, () => this.#connect('retrying'));
  }

  #receive(data: unknown): void {
    const message = parseFeedMessage(data);
    if (message === null) {
      this.#options.onUnreadable();
      return;
    }
    this.#options.onMessage(message);
  }

  #send(message: FeedFromConsole): void {
    if (this.#isOpen) this.#socket?.send(JSON.stringify(message));
  }
}

function parseFeedMessage(data: unknown): FeedToConsole | null {
  if (typeof data !== 'string') return null;
  try {
    const parsed = feedToConsoleSchema.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : null;
  } catch {
    return null; // no JSON
  }
}

/** The browser's WebSocket to the feed of the server that this page came from. */
export function openBrowserFeedSocket(): FeedSocket {
  const address = new URL('/api/v1/feed', window.location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(address);
  const feedSocket: FeedSocket = {
    send: (text) => socket.send(text),
    close: () => socket.close(),
    onopen: null,
    onmessage: null,
    onclose: null,
  };
  socket.onopen = () => feedSocket.onopen?.();
  const receive = inTurns((data) => feedSocket.onmessage?.({ data }));
  socket.onmessage = (event: MessageEvent<unknown>) => receive(event.data);
  socket.onclose = () => feedSocket.onclose?.();
  return feedSocket;
}

/** Between two turns the page draws and takes what a person types. */
const turnMs = 8;

/**
 * Hands on one after the other what comes, and lets the page go on when a turn is over: the parts of a long list come many at
 * once, and the browser tells of all of them in one task.
 */
function inTurns(take: (data: unknown) => void): (data: unknown) => void {
  const waiting: unknown[] = [];
  let isUnderWay = false;
  const run = () => {
    const endMs = performance.now() + turnMs;
    while (waiting.length > 0 && performance.now() < endMs) take(waiting.shift());
    isUnderWay = waiting.length > 0;
    if (isUnderWay) setTimeout(run, 0);
  };
  return (data) => {
    waiting.push(data);
    if (!isUnderWay) run();
  };
}
