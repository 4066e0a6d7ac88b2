import type { Cidr } from '../base/ipv4.ts';
import { formatCidr, formatIpv4 } from '../base/ipv4.ts';
import type { AgentDiagnostics, DiagnosticsPackage, DroppedDatagramKind } from '../contracts/diagnostics.ts';
import type { AgentContext } from './agent-context.ts';
import { downloadAnswer } from './download-answer.ts';
import type { PackageDelivery } from './package-delivery.ts';
import type { ServingDesk } from './serving-desk.ts';
import type { SubnetDhts } from './subnet-dhts.ts';
import type { TransferTally } from './transfer-tally.ts';

const maxPeers = 1024;
const maxPackages = 256;
const maxInFlight = 256;

export interface DiagnosticsSubject {
  readonly context: AgentContext;
  readonly deliveries: readonly PackageDelivery[];
  readonly servingDesk: ServingDesk;
  readonly tally: TransferTally;
  /** Whether the agents of an additional subnet do not list ours. */
  readonly isRefusedBySubnet: (subnet: Cidr) => boolean;
  readonly dhts: ReturnType<SubnetDhts['reports']>;
  readonly startedAtWallMs: number;
  readonly datagrams: { readonly received: number; readonly dropped: ReadonlyMap<DroppedDatagramKind, number> };
}

/** The content of the "Peer Downloading" page: what this agent knows at this moment, nothing else. */
export function diagnosticsReport(subject: DiagnosticsSubject): AgentDiagnostics {
  const { context } = subject;
  const { identity, configuration, peers } = context;
  const interfaces = peers.interfaces.map((adapter) => ({
    name: adapter.name,
    address: formatIpv4(adapter.address),
    subnet: formatCidr(adapter.subnet),
    port: adapter.port,
  }));
  const packages = subject.deliveries.slice(0, maxPackages).map((delivery) => packageReport(subject, delivery));
  return {
    agentId: identity.agentId,
    name: identity.name,
    atMs: context.ports.clock.wallTimeMs(),
    startedAtMs: subject.startedAtWallMs,
    bootId: identity.bootId,
    productVersion: identity.productVersion,
    peerDownloading: context.settings.peerDownloading,
    ...computerAnswer(packages, context.settings.peerDownloading),
    policy: configuration?.policy ?? null,
    interfaces,
    unsupportedAdapters: [...context.unsupportedAdapters],
    subnets: peers.subnets.map(({ cidr, kind, interface: adapter }) => ({
      subnet: formatCidr(cidr),
      adapter: adapter.name,
      kind,
      peers: peers.aliveIn(cidr).length,
      note: subject.isRefusedBySubnet(cidr) ? `${formatCidr(cidr)} does not list this computer's subnet.` : '',
    })),
    peers: peersReport(context),
    packages,
    dht: dhtReport(subject),
    journal: [...context.journal.entries],
    // Kept by the adapter that answers requests; it adds what it has.
    httpLog: [],
    httpServer: { ...subject.servingDesk.counters, bytesOut: context.totals.peerBytesOut },
    datagrams: {
      sent: context.voice.sent,
      received: subject.datagrams.received,
      dropped: Object.fromEntries(subject.datagrams.dropped),
    },
  };
}

function dhtReport({ context, dhts }: DiagnosticsSubject): AgentDiagnostics['dht'] {
  const nowMs = context.nowMs();
  const wallMs = context.ports.clock.wallTimeMs();
  return dhts.map((dht) => ({
    subnet: formatCidr(dht.cidr),
    kind: dht.kind,
    nodeId: dht.nodeId,
    buckets: dht.buckets.map(({ sharedBits, members, unusable }) => ({
      sharedBits,
      contacts: members,
      silent: unusable,
    })),
    storedPackages: dht.stored.keys,
    storedHolders: dht.stored.values,
    announced: dht.announced,
    lookups: dht.lookups.map(({ startedAtMs, durationMs, purpose, target, hops, contacted, holders }) => {
      const atMs = Math.max(0, Math.round(wallMs - (nowMs - startedAtMs)));
      return { atMs, purpose, target, hops, contacted, holders, elapsedMs: Math.max(0, durationMs) };
    }),
  }));
}

function peersReport(context: AgentContext): AgentDiagnostics['peers'] {
  const nowMs = context.nowMs();
  const wallMs = context.ports.clock.wallTimeMs();
  return context.peers
    .all()
    .slice(0, maxPeers)
    .map((peer) => {
      const record = context.peers.record(peer.agentId);
      const silentMs = nowMs - (context.peers.lastHeardMs(peer.agentId) ?? nowMs);
      const state = context.peers.isBanned(peer.agentId)
        ? 'banned'
        : context.peers.isAlive(peer.agentId)
          ? 'available'
          : 'unavailable';
      return {
        agentId: peer.agentId,
        name: peer.name,
        address: formatIpv4(peer.address),
        port: peer.port,
        subnet: formatCidr(peer.subnet),
        state,
        lastSeenMs: Math.max(0, Math.round(wallMs - silentMs)),
        roundTripMs: record.roundTripMs,
        bytesIn: record.bytesIn,
        bytesOut: record.bytesOut,
        inBytesPerSecond: context.peers.ratesIn.bytesPerSecond(peer.agentId, nowMs),
        outBytesPerSecond: context.peers.ratesOut.bytesPerSecond(peer.agentId, nowMs),
        refusals: record.refusals,
      } as const;
    });
}

function packageReport(subject: DiagnosticsSubject, delivery: PackageDelivery): DiagnosticsPackage {
  const { context } = subject;
  const download = delivery.download;
  const claim = download?.claim ?? null;
  const silentMs = claim?.lastHeardMs == null ? 0 : context.nowMs() - claim.lastHeardMs;
  const claimerName =
    claim === null
      ? ''
      : claim.claimer === context.ownId
        ? context.identity.name
        : (context.peers.find(claim.claimer)?.name ?? '');
  return {
    key: delivery.subject.key,
    guid: delivery.subject.guid,
    version: delivery.subject.version,
    name: delivery.subject.name,
    state: delivery.state,
    priority: delivery.subject.priority,
    totalSizeBytes: delivery.subject.totalSizeBytes,
    blockCount: delivery.blockCount,
    blocks: (delivery.blocks?.ranges() ?? []).map(([first, end]) => [first, end]),
    inFlight: (download?.inFlight ?? [])
      .slice(0, maxInFlight)
      .map((request) => ({ block: request.block, source: request.source, agentId: request.peer })),
    role: download?.role ?? 'none',
    claim:
      claim === null
        ? null
        : {
            epoch: claim.epoch,
            claimer: claim.claimer,
            claimerName,
            lastHeardMs: Math.max(0, Math.round(context.ports.clock.wallTimeMs() - silentMs)),
          },
    attempts: download?.attempts ?? 0,
    holders: delivery.swarm?.holders().filter((peer) => context.peers.isAlive(peer)).length ?? 0,
    bytesBySource: subject.tally.ofKey(delivery.subject.key),
    ...packageAnswer(subject, delivery),
  };
}

interface Answer {
  readonly sentence: string;
  readonly sinceMs: number | null;
}

/** What went wrong, else what holds it, else from where it comes now, else the latest decision. */
function packageAnswer({ context, tally }: DiagnosticsSubject, delivery: PackageDelivery): Answer {
  const { key, priority } = delivery.subject;
  const latest = context.journal.latestOf(key);
  const told = delivery.detail === '' ? delivery.heldSentence : delivery.detail;
  if (told !== null) return { sentence: told, sinceMs: latest?.atMs ?? null };
  if (delivery.state === 'downloading') {
    const isThrottled = priority !== 'emergency' && context.generalThrottle.bytesPerSecond !== Number.POSITIVE_INFINITY;
    const answer = downloadAnswer({
      inFlight: delivery.download?.inFlight ?? [],
      runs: tally.runsOf(key),
      nameOf: (peer) => context.peers.find(peer)?.name ?? '',
      ownSubnets: context.peers.subnets.filter(({ kind }) => kind === 'own').map(({ cidr }) => formatCidr(cidr)),
      throttleSentence: isThrottled ? context.calendar.throttleSentence : null,
    });
    if (answer !== null) return answer;
  }
  return { sentence: latest?.sentence ?? '', sinceMs: latest?.atMs ?? null };
}

/** The package that matters most now answers for the computer: one under way, else one that failed, else the last. */
function computerAnswer(packages: readonly DiagnosticsPackage[], isPeerDownloading: boolean): Answer {
  const urgent =
    packages.find((candidate) => candidate.state === 'downloading') ??
    packages.find((candidate) => candidate.state === 'failed') ??
    packages.find((candidate) => candidate.state === 'queued') ??
    packages.at(-1);
  if (urgent === undefined) {
    const isOff = isPeerDownloading ? '' : ' Its policy does not allow downloads from peers.';
    return { sentence: `No package is assigned to this computer.${isOff}`, sinceMs: null };
  }
  const rest = urgent.sentence === '' ? `is ${urgent.state}` : urgent.sentence;
  return { sentence: `${urgent.name} ${urgent.version}: ${rest}`, sinceMs: urgent.sinceMs };
}
