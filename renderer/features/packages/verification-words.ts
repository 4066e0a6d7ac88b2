import type { CopyVerification } from '../../../shared/contracts/copy-verification.ts';
import { formatCount, formatQuantity } from '../../components/format.ts';

/** What came of it, as a sentence. */
export function verificationWords({ report, problem, isIntact, from }: CopyVerification): string {
  if (report === null) return `The copy could not be verified: ${problem ?? 'nobody said why.'}`;
  const { blockCount, heldBlocks, differingBlocks } = report;
  if (isIntact === true)
    return `The copy is right: ${formatQuantity(blockCount, 'block')} of ${formatCount(blockCount)}.`;
  if (heldBlocks === 0) return 'There is no copy.';
  const missing = blockCount - heldBlocks;
  const parts = [
    ...(differingBlocks === 0
      ? []
      : [`${formatQuantity(differingBlocks, 'block')} of it ${differingBlocks === 1 ? 'differs' : 'differ'}`]),
    ...(missing === 0
      ? []
      : [`${formatCount(missing)} of ${formatQuantity(blockCount, 'block')} ${missing === 1 ? 'is' : 'are'} missing`]),
  ];
  const words = parts.join(' and ');
  const isMended = differingBlocks > 0 && from !== 'notification-server';
  return `The copy is not right: ${words}.${isMended ? ' The agent fetches what differs again.' : ''}`;
}

/** The rows of a table of the blocks that differ. */
export function differenceRows({ report }: CopyVerification) {
  return (report?.differences ?? []).map(({ block, sha256, files }) => ({
    id: String(block),
    cells: [
      formatCount(block),
      files.join(', '),
      sha256 === null ? 'cannot be read' : `other bytes (${sha256.slice(0, 12)}…)`,
    ],
  }));
}
