import type { WorkerAgent } from '../../../shared/contracts/worker-protocol.ts';

/** What a process under test is asked; each is answered once. */
export type ToTarget =
  | { readonly id: number; readonly kind: 'start-agent'; readonly agent: WorkerAgent }
  | { readonly id: number; readonly kind: 'start-server'; readonly dataFolder: string; readonly packageBytes: number }
  | { readonly id: number; readonly kind: 'inputs' }
  /** Blocks sent since the last such question. */
  | { readonly id: number; readonly kind: 'served' }
  | { readonly id: number; readonly kind: 'measure' };

/** One answer with a block, whole or broken off, by the counter of who sent it. */
export interface ServedBlock {
  /** Address of the receiver. */
  readonly to: string;
  readonly key: string;
  readonly block: number;
  readonly bytes: number;
}

/** Inputs that the agent's core was given: by kind, and dropped datagrams by reason. */
export interface InputCounts {
  readonly received: number;
  readonly dropped: Readonly<Record<string, number>>;
}

/** After a garbage collection. */
export interface Measurement {
  readonly heapUsedBytes: number;
  readonly rssBytes: number;
  /** Open TCP connections and listening sockets. */
  readonly sockets: number;
}

export interface StartedServer {
  readonly agentUrl: string;
  readonly joinToken: string;
  /** Below `/agent/v1`. */
  readonly packagePath: string;
}

export type FromTarget =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  /** Something that must not happen: it is a failure of the campaign. */
  | { readonly kind: 'trouble'; readonly text: string };
