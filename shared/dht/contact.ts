import type { AgentId } from '../base/ids.ts';
import type { Ipv4 } from '../base/ipv4.ts';

/** Another node: who it is and where it is asked. Its node id follows from its agent id. */
export interface Contact {
  readonly agentId: AgentId;
  readonly address: Ipv4;
  readonly port: number;
}

/** What is known of the other agents of one subnet, kept once by whoever hears them: the DHT has no second book of it. */
export interface ContactBook {
  /**
   * Everybody of the subnet who was heard itself, whatever it said, and perhaps others, who are not available. A list that is
   * never changed: news make a new one.
   */
  members(): readonly Contact[];
  /** Null = never heard, or it said goodbye. Any word counts, not only one of the DHT. */
  lastHeardMs(agentId: AgentId): number | null;
  /** Heard lately, not banned, not known to be gone: worth asking. */
  isAvailable(agentId: AgentId): boolean;
}
