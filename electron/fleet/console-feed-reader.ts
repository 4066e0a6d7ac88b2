import { WebSocket } from 'ws';
import type { ConsoleTopic, FeedFromConsole, FeedToConsole } from '../../shared/contracts/console-feed.ts';
import { feedToConsoleSchema } from '../../shared/contracts/console-feed.ts';
import { consoleApiPrefix } from '../../shared/contracts/console-request.ts';
import type { ConsoleClient } from './console-client.ts';
import { ConsoleUnreachableError } from './console-client.ts';

export interface FeedReading<Value> {
  readonly topic: ConsoleTopic;
  /** Called with each message of the topic; what it answers ends the reading, null goes on. */
  readonly pick: (message: FeedToConsole) => Value | null;
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

/**
 * Subscribes to a topic of the console's feed until a message has what is looked for. Null where the time is up or the
 * signal fires before; throws `ConsoleUnreachableError` where the feed cannot be had, and a sentence where it is refused.
 */
export async function readConsoleFeed<Value>(
  console: ConsoleClient,
  { topic, pick, withinMs, signal }: FeedReading<Value>,
): Promise<Value | null> {
  const socket = new WebSocket(`${console.consoleUrl.replace(/^http/, 'ws')}${consoleApiPrefix}/feed`, {
    headers: { authorization: console.authorization },
    handshakeTimeout: withinMs,
  });
  try {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(null), withinMs);
      const end = () => resolve(null);
      signal.addEventListener('abort', end, { once: true });
      socket.once('close', (code) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        reject(new ConsoleUnreachableError(`The feed of ${console.consoleUrl} ended (${code}).`));
      });
      socket.once('error', (error) => {
        reject(new ConsoleUnreachableError(`The feed of ${console.consoleUrl} cannot be had (${error.message}).`));
      });
      socket.once('open', () => {
        const subscription: FeedFromConsole = { kind: 'subscribe', topic };
        socket.send(JSON.stringify(subscription));
      });
      socket.on('message', (data) => {
        const message = parseMessage(data.toString());
        if (message === null) {
          reject(new Error('The feed of the server has another form than this version expects.'));
        } else if (message.topic === 'refused') {
          reject(new Error(message.data.message));
        } else {
          const value = pick(message);
          if (value !== null) resolve(value);
        }
      });
    });
  } finally {
    socket.on('error', () => undefined); // the end of a handshake that is not wanted any more
    socket.terminate();
  }
}

function parseMessage(text: string): FeedToConsole | null {
  try {
    return feedToConsoleSchema.parse(JSON.parse(text));
  } catch {
    // Answered by the caller: a server of another version.
    return null;
  }
}
