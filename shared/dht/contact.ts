import type { AgentId } from '../base/ids.ts';
import type { Ipv4 } from '../base/ipv4.ts';

/** Another node: who it is and where it is asked. Its node id follows from its agent id. */
export interface Contact {
  readonly agentId: AgentId;
  readonly address: Ipv4;
  readonly port: number;
}

/** What is known of other agents, kept once by whoever hears them: the DHT has no second book of it. */
export interface ContactBook {
  /** Null = never heard, or it said goodbye. Any word counts, not only one of the DHT. */
  lastHeardMs(agentId: AgentId): number | null;
  /** Heard lately, not banned, not known to be gone: worth asking. */
  isAvailable(agentId: AgentId): boolean;
  /** Heard so lately that a ping would tell nothing new. */
  isFresh(agentId: AgentId): boolean;
}
