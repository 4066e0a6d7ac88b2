import { expect, it } from 'vitest';
import { filterRows, naturalKey, type TableColumn, tableCsv } from '../../renderer/components/table-model.ts';

interface Row {
  readonly name: string;
  readonly bytes: number;
}
const columns: readonly TableColumn<Row>[] = [
  { id: 'name', header: 'Name', value: (row) => row.name, width: 100 },
  { id: 'bytes', header: 'Bytes', value: (row) => row.bytes, width: 100, isNumeric: true },
];

it('orders names with numbers as people do', () => {
  const names = ['a-10', 'a-2', 'A-1', '10.0.9.1', '10.0.10.1'];
  expect(names.sort((a, b) => (naturalKey(a) < naturalKey(b) ? -1 : 1))).toEqual([
    '10.0.9.1',
    '10.0.10.1',
    'A-1',
    'a-2',
    'a-10',
  ]);
});

it('keeps the rows in which every word of the filter occurs', () => {
  const rows = [
    { name: 'Demo Lyon', bytes: 1 },
    { name: 'Demo Porto', bytes: 2 },
  ];
  expect(filterRows(rows, columns, 'lyon DEMO')).toEqual([rows[0]]);
  expect(filterRows(rows, columns, '  ')).toBe(rows);
});

it('quotes what a CSV needs quoted', () => {
  const csv = tableCsv(columns, [{ name: 'a "b", c', bytes: 7 }]);
  expect(csv).toBe('\uFEFFName,Bytes\r\n"a ""b"", c",7\r\n');
});

it('keeps a spreadsheet from running a name as a formula', () => {
  expect(tableCsv(columns, [{ name: '=cmd()', bytes: 0 }])).toContain("'=cmd()");
});
