import { expect, it } from 'vitest';
import { progressText, terminalProgress } from '../../electron/cli/command-context.ts';
import { formatBytes, formatColumns, formatTable } from '../../electron/cli/text-format.ts';

it('writes sizes as people read them', () => {
  expect([0, 999, 1000, 126_595_440, 10e12].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 KB',
    '126.6 MB',
    '10.0 TB',
  ]);
});

it('aligns columns', () => {
  expect(
    formatTable([
      ['AGENT', 'STATE'],
      ['a-01', 'running'],
      ['longer-name', ''],
    ]),
  ).toEqual(['AGENT        STATE', 'a-01         running', 'longer-name']);
});

it('leaves the first row as it is where there is no head', () => {
  expect(
    formatColumns([
      ['lab', '1'],
      ['floor-3', '20'],
    ]),
  ).toEqual(['lab      1', 'floor-3  20']);
});

it('draws a bar that never leaves its frame', () => {
  expect(progressText(1 / 3, 'hashing')).toBe('[##########--------------------]  33 %  hashing');
  expect(progressText(-1, '')).toContain('  0 %');
  expect(progressText(7, '')).toContain('[##############################] 100 %');
});

function recordingStream(isTTY: boolean): { stream: NodeJS.WriteStream; written: string[] } {
  const written: string[] = [];
  const stream = Object.assign(Object.create(process.stderr) as NodeJS.WriteStream, {
    write: (text: string) => written.push(text) > 0,
  });
  Object.defineProperties(stream, { isTTY: { value: isTTY }, columns: { value: 20 } });
  return { stream, written };
}

it('shows progress on a terminal, cut to its width, and removes it', () => {
  const { stream, written } = recordingStream(true);
  const progress = terminalProgress(stream);
  progress.show(0.5, 'a text that is much too long');
  progress.clear();
  expect(written).toEqual([`\r\u001b[2K${progressText(0.5, '').slice(0, 19)}`, '\r\u001b[2K']);
});

it('shows no progress where nobody sees it', () => {
  const { stream, written } = recordingStream(false);
  const progress = terminalProgress(stream);
  progress.show(0.5, 'text');
  progress.clear();
  expect(written).toEqual([]);
});
