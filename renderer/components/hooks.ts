import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { AgentId } from '../../shared/base/ids.ts';
import type { ConsoleTopic } from '../../shared/contracts/console-feed.ts';
import { feed } from '../services.ts';
import { clockStore } from '../stores/clock-store.ts';
import { type FeedState, feedStore, forgetTopic } from '../stores/feed-store.ts';
import { routeStore } from '../stores/route-store.ts';

type PlainTopic = Exclude<ConsoleTopic['topic'], 'agent'>;

/** The newest state of a topic, subscribed while the component is on the screen; null until it was heard. */
export function useTopic<Topic extends PlainTopic>(topic: Topic): FeedState[Topic] {
  useEffect(() => feed.subscribe({ topic }), [topic]);
  return useStore(feedStore, (state) => state[topic]);
}

/** Detail and diagnostics of one agent; null until they were heard. */
export function useAgentTopic(agentId: AgentId): FeedState['agent'] {
  useEffect(() => {
    const unsubscribe = feed.subscribe({ topic: 'agent', agentId });
    return () => {
      unsubscribe();
      forgetTopic('agent');
    };
  }, [agentId]);
  return useStore(feedStore, (state) => (state.agent?.detail.agentId === agentId ? state.agent : null));
}

/** Wall time, renewed every second. */
export function useNowMs(): number {
  return useStore(clockStore, (state) => state.nowMs);
}

export function usePath(): string {
  return useStore(routeStore, (state) => state.path);
}
