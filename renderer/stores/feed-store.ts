import { createStore } from 'zustand/vanilla';
import type { AgentSummary } from '../../shared/contracts/console-api.ts';
import type { ConsoleTopic, FeedToConsole } from '../../shared/contracts/console-feed.ts';
import type { FeedConnectionState } from '../api/feed-connection.ts';
import { AgentList } from './agent-list.ts';

type DataOf<Topic extends FeedToConsole['topic']> = Extract<FeedToConsole, { topic: Topic }>['data'];

/** The newest state of every topic that is shown; null = not heard yet. */
export interface FeedState {
  readonly connection: FeedConnectionState;
  /** Whether the connection has been live since the page was opened: before that nothing was "lost". */
  readonly hasBeenLive: boolean;
  readonly overview: DataOf<'overview'> | null;
  readonly agents: readonly AgentSummary[] | null;
  /** The one agent whose page is open. */
  readonly agent: DataOf<'agent'> | null;
  readonly policies: DataOf<'policies'> | null;
  readonly sites: DataOf<'sites'> | null;
  readonly packages: DataOf<'packages'> | null;
  readonly imports: DataOf<'imports'> | null;
  readonly deliveries: DataOf<'deliveries'> | null;
  readonly fleet: DataOf<'fleet'> | null;
  /** Why the server refused a subscription. */
  readonly refusal: string | null;
}

export type FeedTopicName = ConsoleTopic['topic'];

export const feedStore = createStore<FeedState>(() => ({
  connection: 'closed',
  hasBeenLive: false,
  overview: null,
  agents: null,
  agent: null,
  policies: null,
  sites: null,
  packages: null,
  imports: null,
  deliveries: null,
  fleet: null,
  refusal: null,
}));

const agentList = new AgentList();

export function takeFeedMessage(message: FeedToConsole): void {
  if (message.topic === 'refused') feedStore.setState({ refusal: message.data.message });
  else if (message.topic === 'agents') {
    const agents = agentList.take(message.data);
    if (agents !== null) feedStore.setState({ agents });
  } else feedStore.setState({ [message.topic]: message.data });
}

export function takeConnectionState(connection: FeedConnectionState): void {
  feedStore.setState((state) => ({ connection, hasBeenLive: state.hasBeenLive || connection === 'live' }));
}

/**
 * Puts the answer of a save in place at once, so that nobody sees the old value until the feed repeats it.
 * `update` gets the current list; while the topic is unknown nothing happens.
 */
export function replaceInFeed<Topic extends 'policies' | 'packages' | 'deliveries' | 'imports' | 'sites'>(
  topic: Topic,
  update: (list: NonNullable<FeedState[Topic]>) => NonNullable<FeedState[Topic]>,
): void {
  const list = feedStore.getState()[topic];
  if (list !== null) feedStore.setState({ [topic]: update(list) });
}

/** A page was closed: what it showed would be stale when it is opened again. */
export function forgetTopic(topic: FeedTopicName): void {
  feedStore.setState({ [topic]: null, refusal: null });
}
