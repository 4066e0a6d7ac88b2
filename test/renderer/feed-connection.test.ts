import { beforeEach, expect, it } from 'vitest';
import { FeedConnection, type FeedSocket, reconnectPauseMs } from '../../renderer/api/feed-connection.ts';
import type { FeedToConsole } from '../../shared/contracts/console-feed.ts';

/** The end of a socket that a server would hold. */
class ServedSocket implements FeedSocket {
  readonly received: unknown[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  send(text: string): void {
    this.received.push(JSON.parse(text));
  }
  close(): void {
    this.onclose?.();
  }
}

let sockets: ServedSocket[] = [];
let waiting: { delayMs: number; action: () => void }[] = [];
let messages: FeedToConsole[] = [];
let states: string[] = [];
let unreadable = 0;

function connection(): FeedConnection {
  return new FeedConnection({
    openSocket: () => {
      const socket = new ServedSocket();
      sockets.push(socket);
      return socket;
    },
    schedule: (delayMs, action) => {
      const entry = { delayMs, action };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((other) => other !== entry);
      };
    },
    random: () => 0.5,
    onMessage: (message) => messages.push(message),
    onUnreadable: () => {
      unreadable++;
    },
    onState: (state) => states.push(state),
  });
}

function newest(): ServedSocket {
  const socket = sockets.at(-1);
  if (socket === undefined) throw new Error('no socket was opened');
  return socket;
}

beforeEach(() => {
  sockets = [];
  waiting = [];
  messages = [];
  states = [];
  unreadable = 0;
});

it('subscribes once however many places show a topic, and unsubscribes with the last', () => {
  const feed = connection();
  feed.start();
  newest().onopen?.();
  const first = feed.subscribe({ topic: 'agents' });
  const second = feed.subscribe({ topic: 'agents' });
  first();
  first();
  expect(newest().received).toEqual([{ kind: 'subscribe', topic: { topic: 'agents' } }]);
  second();
  expect(newest().received.at(-1)).toEqual({ kind: 'unsubscribe', topic: { topic: 'agents' } });
});

it('restores the subscriptions after the connection was lost', () => {
  const feed = connection();
  feed.start();
  feed.subscribe({ topic: 'overview' });
  newest().onopen?.();
  newest().onclose?.();
  expect(states).toEqual(['connecting', 'live', 'retrying']);
  waiting[0]?.action();
  newest().onopen?.();
  expect(sockets).toHaveLength(2);
  expect(newest().received).toEqual([{ kind: 'subscribe', topic: { topic: 'overview' } }]);
  expect(states.at(-1)).toBe('live');
});

it('waits longer after each failure, up to 10 s', () => {
  expect([1, 2, 3, 4, 5, 6, 100].map((failures) => reconnectPauseMs(failures, 0.5))).toEqual([
    500, 1000, 2000, 4000, 8000, 10_000, 10_000,
  ]);
});

it('connects at once when the person asks for it, and only once', () => {
  const feed = connection();
  feed.start();
  newest().onclose?.();
  feed.retryNow();
  feed.retryNow();
  expect(sockets).toHaveLength(2);
  expect(waiting).toEqual([]);
});

it('stays closed after it was stopped', () => {
  const feed = connection();
  feed.start();
  newest().onopen?.();
  feed.stop();
  expect(waiting).toEqual([]);
  expect(states.at(-1)).toBe('closed');
});

it('drops a message of another form instead of showing it', () => {
  const feed = connection();
  feed.start();
  newest().onopen?.();
  newest().onmessage?.({ data: '{"topic":"overview","data":{"agents":"many"}}' });
  newest().onmessage?.({ data: 'no JSON' });
  newest().onmessage?.({ data: '{"topic":"sites","data":[]}' });
  expect(messages).toEqual([{ topic: 'sites', data: [] }]);
  expect(unreadable).toBe(2);
});
