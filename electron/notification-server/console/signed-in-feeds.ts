import type { WebSocket } from 'ws';
import type { Callers, SignedIn } from '../people/callers.ts';
import type { Sessions } from '../people/sessions.ts';

/** Of the codes that are for applications: the console asks who it is, and shows the way in. */
const notWelcomeCode = 4401;
const tooManyCode = 4429;
/** What ends by time alone is noticed this late. */
const lookEveryMs = 15_000;
/** Tabs of one browser, and some that are not closed yet. */
const maximumFeedsOfOne = 50;

/** Ends the feeds of those who may not look any more: signed out, expired, removed, or with another role. */
export class SignedInFeeds {
  readonly #callers: Callers;
  readonly #sessions: Sessions;
  readonly #feeds = new Map<WebSocket, SignedIn>();
  readonly #timer: NodeJS.Timeout;

  constructor(callers: Callers, sessions: Sessions) {
    this.#callers = callers;
    this.#sessions = sessions;
    this.#timer = setInterval(() => this.look(), lookEveryMs);
  }

  /** False where the feed was ended at once. */
  connect(socket: WebSocket, signedIn: SignedIn): boolean {
    const own = [...this.#feeds.values()].filter(({ key }) => key === signedIn.key).length;
    if (own >= maximumFeedsOfOne) {
      socket.close(tooManyCode, `at most ${maximumFeedsOfOne} feeds at a time`);
      return false;
    }
    this.#feeds.set(socket, signedIn);
    const { session } = signedIn;
    // A person who goes from page to page asks over the feed alone.
    if (session !== null) socket.on('message', () => this.#sessions.touch(session.id));
    socket.on('close', () => this.#feeds.delete(socket));
    return true;
  }

  /** To be called when accounts, sessions or tokens changed. */
  look(): void {
    for (const [socket, signedIn] of this.#feeds) {
      if (this.#callers.isStillWelcome(signedIn)) continue;
      this.#feeds.delete(socket);
      socket.close(notWelcomeCode, 'not signed in any more');
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
