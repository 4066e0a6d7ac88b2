import { expect, it } from 'vitest';
import { feedFromAgentSchema } from '../../shared/contracts/agent-feed.ts';

/** What an agent of the first version sends: it knows neither a DHT nor a log of its HTTP server. */
const firstReport = {
  agentId: 'a'.repeat(32),
  name: 'desk-1',
  atMs: 1_700_000_000_000,
  startedAtMs: 1_700_000_000_000,
  bootId: 7,
  productVersion: '0.1.0',
  peerDownloading: true,
  sentence: 'Nothing is to be done.',
  policy: null,
  interfaces: [],
  subnets: [],
  peers: [],
  packages: [],
  journal: [],
  httpServer: { activeRequests: 0, requestLimit: 20, served: 0, refusedBusy: 0, bytesOut: 0 },
  datagrams: { sent: 0, received: 0, dropped: { 'own-echo': 3 } },
};

it('reads the diagnostics of an agent that has not been updated yet', () => {
  const message = feedFromAgentSchema.safeParse({ kind: 'diagnostics', report: firstReport });
  expect(message.error?.issues ?? []).toEqual([]);
  expect(message.data).toMatchObject({ report: { name: 'desk-1', dht: [], httpLog: [] } });
});
