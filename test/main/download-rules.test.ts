import { expect, it } from 'vitest';
import { isAllowedDownload, suggestedFileName } from '../../electron/main/download-rules.ts';

const origin = 'http://127.0.0.1:27802';

it.each([
  ['blob:http://127.0.0.1:27802/6f1c-44', true],
  ['http://127.0.0.1:27802/api/v1/reports/traffic?format=csv', true],
  ['blob:http://127.0.0.1:27803/6f1c-44', false],
  ['http://localhost:27802/x', false],
  ['https://127.0.0.1:27802/x', false],
  ['data:text/csv,a', false],
  ['file:///etc/passwd', false],
  ['blob:null/6f1c', false],
  ['', false],
])('saves from %s: %s', (url, isAllowed) => {
  expect(isAllowedDownload(url, origin)).toBe(isAllowed);
});

it.each([
  ['agents.csv', 'agents.csv'],
  ['../../.bashrc', '-..-.bashrc'],
  ['C:\\x\\y.json', 'C--x-y.json'],
  ['.hidden', 'hidden'],
  ['  report .png', 'report .png'],
  ['a\u0000b\u202Egnp.exe', 'a-b-gnp.exe'],
  ['', 'fanout'],
  ['...', 'fanout'],
  [`${'x'.repeat(400)}.csv`, `${'x'.repeat(120)}.csv`],
])('suggests for %j the name %j', (name, suggested) => {
  expect(suggestedFileName(name)).toBe(suggested);
});
