import { BlockSet } from '../../shared/base/block-set.ts';
import type { AgentDetail } from '../../shared/contracts/console-api.ts';
import type { AgentDiagnostics, DiagnosticsPackage, DiagnosticsPeer } from '../../shared/contracts/diagnostics.ts';
import type { JournalEntry } from '../../shared/contracts/journal.ts';
import { stateOf, storedPackageLines } from './agents-text.ts';
import { formatBytes, formatTable, formatTime } from './text-format.ts';

/** An agent's diagnostics as helpdesk reads them. */

/** @param journalLines how many of the newest decisions */
export function diagnosticsLines(diagnostics: AgentDiagnostics, journalLines: number): string[] {
  const { name, agentId, productVersion, startedAtMs, policy, peerDownloading, sentence, sinceMs } = diagnostics;
  const { subnets, packages, peers, journal } = diagnostics;
  const policyWords = policy === null ? 'no policy yet' : `policy "${policy.name}", version ${policy.version}`;
  return [
    `${name} (${agentId}), version ${productVersion}, runs since ${formatTime(startedAtMs)}`,
    `${policyWords}, peer downloading ${peerDownloading ? 'on' : 'off'}`,
    '',
    sinceMs === null ? sentence : `${sentence} (since ${formatTime(sinceMs)})`,
    '',
    ...titled('Packages', packages.flatMap(packageLines), 'It has no package.'),
    '',
    ...titled(
      'Subnets',
      subnets.map(
        ({ subnet, adapter, kind, peers: count, note }) =>
          `${subnet} on ${adapter} (${kind}): ${count} peers${note === undefined || note === '' ? '' : `. ${note}`}`,
      ),
      'It is in no subnet.',
    ),
    '',
    ...titled('Peers', peers.length === 0 ? [] : peerLines(peers), 'It knows no peer.'),
    '',
    ...titled('Newest decisions', journal.slice(-journalLines).map(journalLine), 'It has decided nothing yet.'),
  ];
}

/** What the server knows of an agent that does not tell. */
export function storedLines(agent: AgentDetail, reason: string): string[] {
  const { name, agentId, productVersion, policy, address, siteName, lastSeenMs } = agent;
  return [
    `${name} (${agentId}), version ${productVersion}, is ${stateOf(agent)}, last seen ${formatTime(lastSeenMs)}`,
    `policy "${policy.name}", version ${policy.version}; ${address} in ${siteName ?? 'no site'}`,
    '',
    reason,
    '',
    ...titled('Packages', storedPackageLines(agent), ''),
  ];
}

function titled(title: string, lines: readonly string[], nothing: string): string[] {
  return lines.length === 0 ? [nothing] : [title, ...lines.map((line) => `  ${line}`)];
}

function packageLines(entry: DiagnosticsPackage): string[] {
  const { name, version, state, priority, blocks, blockCount, totalSizeBytes, role, claim, holders, attempts } = entry;
  const done = BlockSet.fromRanges(blockCount, blocks).count;
  const roleWords = role === 'none' ? '' : `, ${role}`;
  const claimWords = claim === null ? '' : `, first downloader ${claim.claimerName}`;
  return [
    `${name} ${version}: ${state}${roleWords}, ${done} of ${blockCount} blocks (${formatBytes(totalSizeBytes)}), ${priority}, ${holders} holders, ${attempts} attempts${claimWords}`,
    `  ${entry.sentence}`,
    ...entry.bytesBySource.map(
      ({ source, reason, bytes, blocks: count }) =>
        `  ${formatBytes(bytes)} in ${count} blocks from ${source}: ${reason}`,
    ),
  ];
}

function peerLines(peers: readonly DiagnosticsPeer[]): string[] {
  const rows = peers.map((peer) => [
    peer.name,
    `${peer.address}:${peer.port}`,
    peer.state,
    formatBytes(peer.bytesIn),
    formatBytes(peer.bytesOut),
    peer.roundTripMs === null ? '–' : `${Math.round(peer.roundTripMs)} ms`,
    `${peer.refusals}`,
    formatTime(peer.lastSeenMs),
  ]);
  return formatTable([['NAME', 'ADDRESS', 'STATE', 'IN', 'OUT', 'ROUND TRIP', 'REFUSALS', 'LAST SEEN'], ...rows]);
}

function journalLine({ atMs, reason, sentence }: JournalEntry): string {
  return `${new Date(atMs).toISOString()}  ${sentence} (${reason})`;
}
