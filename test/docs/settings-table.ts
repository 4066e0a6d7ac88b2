import {
  type SettingControl,
  type SettingDescriptor,
  settingDescriptors,
  settingTabLabels,
  settingTabs,
} from '../../shared/contracts/setting-descriptors.ts';
import { type AgentSettings, defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { maxPeriods } from '../../shared/contracts/week-periods.ts';

/** The tables of docs/settings.md, one per section, made of the contract that the editor reads too. */
export function settingsTables(): string {
  const byTab = settingTabs.flatMap((tab) => settingDescriptors.filter((setting) => setting.tab === tab));
  const sections = [...new Set(byTab.map(titleOf))];
  return sections.map(sectionTable).join('\n\n');
}

function titleOf(setting: SettingDescriptor): string {
  return `${settingTabLabels[setting.tab]} › ${setting.section}`;
}

function sectionTable(title: string): string {
  const rows = settingDescriptors.filter((setting) => titleOf(setting) === title).map(row);
  return [
    `### ${title}`,
    '',
    '| Setting | Key | Unit | Default | Allowed | Meaning |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function row(setting: SettingDescriptor): string {
  const stored = noteOf(setting);
  const unit = unitOf(setting.control);
  const cells = [setting.label, `\`${setting.key}\``, unit === '' ? '–' : unit, defaultOf(setting)];
  return `| ${[...cells, allowed(setting), setting.meaning + stored].join(' | ')} |`;
}

function noteOf({ control, effect }: SettingDescriptor): string {
  if (control.kind === 'unavailable') return ` *${control.reason}*`;
  return effect === 'stored' ? ' *Stored and sent to agents, not obeyed yet.*' : '';
}

function unitOf(control: SettingControl): string {
  switch (control.kind) {
    case 'integer':
    case 'decimal':
      return control.unit;
    case 'cidr-list':
      return 'CIDR list';
    case 'conditions':
      return 'set';
    case 'throttling-periods':
      return 'periods, KB/s';
    case 'blockout-periods':
      return 'periods';
    case 'switch':
    case 'choice':
    case 'unavailable':
      return '';
  }
}

function defaultOf(setting: SettingDescriptor): string {
  const value: AgentSettings[keyof AgentSettings] = defaultAgentSettings[setting.key];
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : value.join(', ');
  const zeroMeans = setting.control.kind === 'integer' ? setting.control.zeroMeans : undefined;
  return value === 0 && zeroMeans !== undefined ? `0 = ${zeroMeans}` : grouped(Number(value));
}

function allowed({ control, key }: SettingDescriptor): string {
  // Where 0 is the default, the column of the defaults says what it means.
  const zeroMeans = control.kind === 'integer' && defaultAgentSettings[key] !== 0 ? control.zeroMeans : undefined;
  switch (control.kind) {
    case 'switch':
      return 'on, off';
    case 'integer':
      return rangeOf(control) + (zeroMeans === undefined ? '' : `, 0 = ${zeroMeans}`);
    case 'decimal':
      return rangeOf(control);
    case 'cidr-list':
      return `up to ${control.maximum}, each /16 or smaller`;
    case 'conditions':
    case 'choice':
      return control.options.map((option) => option.value).join(', ');
    case 'throttling-periods':
    case 'blockout-periods':
      return `up to ${maxPeriods}`;
    case 'unavailable':
      return 'off';
  }
}

function rangeOf({ minimum, maximum }: { readonly minimum: number; readonly maximum: number }): string {
  return `${grouped(minimum)}–${grouped(maximum)}`;
}

/** Ports are numbers to type, not amounts: no separators below 100,000. */
function grouped(value: number): string {
  return value < 100_000 ? String(value) : value.toLocaleString('en-US');
}
