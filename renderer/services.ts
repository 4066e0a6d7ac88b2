import { FeedConnection, openBrowserFeedSocket } from './api/feed-connection.ts';
import { takeConnectionState, takeFeedMessage } from './stores/feed-store.ts';
import { checkSession } from './stores/session-store.ts';
import { createThemeStore, type Memory } from './stores/theme-store.ts';

/** The one feed and the one theme of this page: the stores' rules meet the browser here. */
export const feed = new FeedConnection({
  openSocket: openBrowserFeedSocket,
  schedule(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
  random: Math.random,
  onMessage: takeFeedMessage,
  onUnreadable: () => console.error('The feed sent a message of another form than this version expects.'),
  onState(state) {
    takeConnectionState(state);
    if (state === 'retrying') void checkSession();
  },
});

export const theme = createThemeStore(browserMemory());

function browserMemory(): Memory | null {
  try {
    return window.localStorage;
  } catch {
    return null; // storage is forbidden in this browser: the choice is not remembered
  }
}
