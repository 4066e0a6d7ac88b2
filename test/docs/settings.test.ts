import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingDescriptors } from '../../shared/contracts/setting-descriptors.ts';
import { agentSettingsSchema, defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { settingsTables } from './settings-table.ts';

const file = path.resolve(import.meta.dirname, '../../docs/settings.md');
const marks = { begin: '<!-- made from shared/contracts/settings.ts: begin -->', end: '<!-- end -->' };

function splitPage(text: string) {
  const begin = text.indexOf(marks.begin) + marks.begin.length;
  const end = text.indexOf(marks.end, begin);
  expect(text).toContain(marks.begin);
  expect(end).toBeGreaterThan(begin);
  return { before: text.slice(0, begin), tables: text.slice(begin, end).trim(), after: text.slice(end) };
}

describe('docs/settings.md', () => {
  it('says of every setting what the contract says (FANOUT_WRITE_DOCS=1 writes it anew)', () => {
    const page = splitPage(readFileSync(file, 'utf8'));
    if (process.env.FANOUT_WRITE_DOCS === '1') {
      writeFileSync(file, `${page.before}\n\n${settingsTables()}\n\n${page.after}`);
    }
    expect(splitPage(readFileSync(file, 'utf8')).tables).toBe(settingsTables());
  });

  it('has every setting of the contract once', () => {
    const keys = settingDescriptors.map((setting) => setting.key);
    expect([...keys].sort()).toEqual(Object.keys(agentSettingsSchema.shape).sort());
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('describes defaults that the contract allows', () => {
    expect(agentSettingsSchema.safeParse(defaultAgentSettings).success).toBe(true);
  });
});
