import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { ListInTurns } from '../../electron/notification-server/console/json-in-turns.ts';
import { SentList } from '../../electron/notification-server/console/sent-list.ts';
import { AgentList } from '../../renderer/stores/agent-list.ts';
import type { AgentSummary } from '../../shared/contracts/console-api.ts';
import type { AgentListPart } from '../../shared/contracts/console-feed.ts';
import { feedToConsoleSchema } from '../../shared/contracts/console-feed.ts';

/** A browser that takes a message when it is told to. */
class Browser {
  readonly parts: AgentListPart[] = [];
  readonly #list = new AgentList();
  #waiting: (() => void)[] = [];
  shown: readonly AgentSummary[] | null = null;
  readonly socket = {
    send: (json: string, _options: unknown, taken: (error?: Error) => void) => {
      const message = feedToConsoleSchema.parse(JSON.parse(json));
      if (message.topic !== 'agents') throw new Error(`another topic: ${message.topic}`);
      this.#waiting.push(() => {
        this.parts.push(message.data);
        this.shown = this.#list.take(message.data) ?? this.shown;
        taken();
      });
    },
  } as unknown as WebSocket;

  async take(count: number): Promise<void> {
    for (let index = 0; index < count && this.#waiting.length > 0; index++) {
      this.#waiting.shift()?.();
      // What follows is sent by a continuation.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  takeAll(): Promise<void> {
    return this.take(Number.POSITIVE_INFINITY);
  }
}

function agent(index: number, peerBytes = 0): AgentSummary {
  return {
    agentId: index.toString(16).padStart(32, '0') as AgentSummary['agentId'],
    name: `pc-${index}`,
    address: '10.0.0.1' as AgentSummary['address'],
    subnet: '10.0.0.0/24' as AgentSummary['subnet'],
    siteName: null,
    online: true,
    revokedAtMs: null,
    lastSeenMs: 1,
    policyName: 'Global',
    productVersion: '1.0.0',
    packagesReady: 0,
    packagesAssigned: 0,
    peerBytes,
    directBytes: 0,
    tags: [],
    activity: null,
    downloading: null,
  };
}

const listOf = (agents: readonly AgentSummary[]) => ListInTurns.of(agents, (one) => one);
const newList = () => new SentList<AgentSummary>('agents', ({ agentId }) => agentId);
const byId = (agents: readonly AgentSummary[] | null) => new Map(agents?.map((one) => [one.agentId, one]));

it('sends the whole list in parts to who comes, and then only what changed', async () => {
  const list = newList();
  const agents = Array.from({ length: 1000 }, (_value, index) => agent(index));
  await list.update(listOf(agents));
  const browser = new Browser();
  list.subscribe(browser.socket);
  await browser.takeAll();
  expect(browser.parts.map(({ isWhole, changed, isLast }) => [isWhole, changed.length, isLast])).toEqual([
    [true, 250, false],
    [false, 250, false],
    [false, 250, false],
    [false, 250, true],
  ]);
  expect(browser.shown).toEqual(agents);
  const next = [agent(0, 7), ...agents.slice(1, 999), agent(5000)];
  await list.update(listOf(next));
  await browser.takeAll();
  expect(browser.parts.length).toBe(5);
  expect(browser.parts.at(-1)).toMatchObject({ isWhole: false, removed: [agent(999).agentId], isLast: true });
  expect(browser.parts.at(-1)?.changed).toEqual([agent(0, 7), agent(5000)]);
  expect(byId(browser.shown)).toEqual(byId(next));
  await list.update(listOf(next));
  await browser.takeAll();
  expect(browser.parts.length).toBe(5);
});

it('says that an empty list is empty', async () => {
  const list = newList();
  await list.update(listOf([]));
  const browser = new Browser();
  list.subscribe(browser.socket);
  await browser.takeAll();
  expect(browser.shown).toEqual([]);
});

it('tells a browser that leaves nothing more', async () => {
  const list = newList();
  await list.update(listOf(Array.from({ length: 600 }, (_value, index) => agent(index))));
  const browser = new Browser();
  list.subscribe(browser.socket);
  await browser.take(1);
  list.unsubscribe(browser.socket);
  await browser.takeAll();
  expect(browser.parts.length).toBe(2);
});

it('however slowly browsers read, and whenever they come, each ends with the list as it is', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('list' as const), ids: fc.array(fc.nat(700), { maxLength: 700 }), bytes: fc.nat(2) }),
    fc.record({ kind: fc.constant('come' as const) }),
    fc.record({ kind: fc.constant('read' as const), browser: fc.nat(3), parts: fc.nat(3) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const list = newList();
      const browsers: Browser[] = [];
      let now: AgentSummary[] = [];
      for (const one of steps) {
        if (one.kind === 'come') {
          const browser = new Browser();
          browsers.push(browser);
          list.subscribe(browser.socket);
        } else if (one.kind === 'read') {
          await browsers[one.browser % Math.max(1, browsers.length)]?.take(one.parts);
        } else {
          now = [...new Set(one.ids)].map((id) => agent(id, one.bytes));
          await list.update(listOf(now));
        }
      }
      for (const browser of browsers) {
        await browser.takeAll();
        expect(byId(browser.shown)).toEqual(byId(now));
      }
    }),
    { numRuns: 40 },
  );
});
