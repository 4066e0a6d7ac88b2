import type { JournalEntry } from '../../../shared/contracts/journal.ts';
import { DataTable } from '../../components/data-table.tsx';
import { formatClockTime, formatExactTime } from '../../components/format.ts';
import { Section } from '../../components/page.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { reasonWords, sourceWords } from '../../components/words.ts';

const columns: readonly TableColumn<JournalEntry>[] = [
  {
    id: 'time',
    header: 'Time',
    // The sequence and not the time: entries of one millisecond keep their order.
    value: (entry) => entry.sequence,
    cell: (entry) => <span title={formatExactTime(entry.atMs)}>{formatClockTime(entry.atMs)}</span>,
    width: 72,
    grow: 0,
  },
  {
    id: 'blocks',
    header: 'Blocks',
    value: (entry) => entry.blocks,
    cell: (entry) => (entry.blocks === 0 ? '–' : entry.blocks),
    width: 54,
    grow: 0,
    isNumeric: true,
  },
  {
    id: 'source',
    header: 'Source',
    value: (entry) => (entry.source === null ? null : `${sourceWords[entry.source.kind]} ${entry.source.address}`),
    width: 170,
    grow: 1,
  },
  { id: 'reason', header: 'Reason', value: (entry) => reasonWords[entry.reason], width: 170, grow: 1 },
  {
    id: 'sentence',
    header: 'In words',
    value: (entry) => entry.sentence,
    width: 240,
    grow: 4,
  },
];

export function DecisionJournal({ entries }: { entries: readonly JournalEntry[] }) {
  return (
    <Section
      title="Decision journal"
      hint="Which source, and why: the newest 200 choices. The full journal stays on the agent."
    >
      <DataTable
        label="Decision journal"
        noun="choice"
        columns={columns}
        rows={entries}
        rowId={(entry) => String(entry.sequence)}
        sortedBy={{ id: 'time', descending: true }}
        maxHeightPx={420}
        empty="No choice has been made yet."
      />
    </Section>
  );
}
