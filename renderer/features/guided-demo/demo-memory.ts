import { z } from 'zod';
import { createStore } from 'zustand/vanilla';
import { agentIdSchema, packageKeySchema } from '../../../shared/contracts/primitives.ts';
import type { Memory } from '../../stores/theme-store.ts';

const storageKey = 'fanout.guided-demo';

const killedSchema = z.object({
  agentId: agentIdSchema,
  name: z.string(),
  others: z.array(z.string()),
  subnet: z.string(),
  subnetName: z.string(),
  key: packageKeySchema,
  /** Of its claim; 0 where it was not known. */
  epoch: z.number(),
  /** That had crossed the link. */
  copies: z.number(),
  atMs: z.number(),
});
export type Killed = z.infer<typeof killedSchema>;

const memorySchema = z.object({
  step: z.enum(['fleet', 'deliver', 'kill', 'corrupt', 'sources']),
  done: z.array(z.enum(['fleet', 'deliver', 'kill', 'corrupt', 'sources'])),
  killed: killedSchema.nullable(),
  corrupted: z
    .object({
      agentId: agentIdSchema,
      name: z.string(),
      subnet: z.string(),
      subnetName: z.string(),
      key: packageKeySchema,
      atMs: z.number(),
    })
    .nullable(),
  hasLooked: z.boolean(),
  isClosed: z.boolean(),
});
/** What the guided demo did and the server does not tell again. */
export type DemoMemory = z.infer<typeof memorySchema>;

export const nothingYet: DemoMemory = {
  step: 'fleet',
  done: [],
  killed: null,
  corrupted: null,
  hasLooked: false,
  isClosed: false,
};

interface DemoState {
  readonly memory: DemoMemory;
  /** What is being done, for people; it goes on when another page is opened. Null: nothing. */
  readonly busy: string | null;
}

export function createDemoStore(storage: Memory | null) {
  const store = createStore<DemoState>(() => ({ memory: remembered(storage), busy: null }));
  return {
    store,
    remember(changes: Partial<DemoMemory>): void {
      const memory = { ...store.getState().memory, ...changes };
      store.setState({ memory });
      try {
        storage?.setItem(storageKey, JSON.stringify(memory));
      } catch {
        // Storage is full or forbidden: it is known until the window is closed.
        console.warn('The guided demo cannot be remembered in this browser.');
      }
    },
    setBusy(busy: string | null): void {
      store.setState({ busy });
    },
  };
}

/** What another version or another hand wrote is forgotten. */
function remembered(storage: Memory | null): DemoMemory {
  const text = storage?.getItem(storageKey) ?? null;
  if (text === null) return nothingYet;
  try {
    return memorySchema.parse(JSON.parse(text));
  } catch {
    return nothingYet;
  }
}

function sessionMemory(): Memory | null {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null; // storage is forbidden in this browser
  }
}

export const demo = createDemoStore(sessionMemory());
