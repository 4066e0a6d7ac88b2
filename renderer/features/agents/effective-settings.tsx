import { Link, makeStyles, tokens } from '@fluentui/react-components';
import type { AgentDetail } from '../../../shared/contracts/console-api.ts';
import {
  type SettingDescriptor,
  settingDescriptors,
  settingTabLabels,
  settingTabs,
} from '../../../shared/contracts/setting-descriptors.ts';
import { defaultAgentSettings } from '../../../shared/contracts/settings.ts';
import { Section } from '../../components/page.tsx';
import { settingValueLines, settingValueWords } from '../settings/setting-words.ts';

const useStyles = makeStyles({
  table: { borderCollapse: 'collapse', tableLayout: 'fixed', width: '100%', maxWidth: '1120px' },
  head: {
    textAlign: 'left',
    padding: '4px 16px 4px 0',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground2,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  tab: { textAlign: 'left', padding: '16px 0 4px', color: tokens.colorNeutralForeground2 },
  cell: {
    textAlign: 'left',
    fontWeight: tokens.fontWeightRegular,
    padding: '6px 16px 6px 0',
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    verticalAlign: 'top',
  },
  value: { whiteSpace: 'pre-line', fontVariantNumeric: 'tabular-nums', fontWeight: tokens.fontWeightSemibold },
  quiet: { color: tokens.colorNeutralForeground2 },
});

const columns = [
  { header: 'Setting', width: '34%' },
  { header: 'Value', width: '33%' },
  { header: 'Default', width: '17%' },
  { header: 'Policy', width: '16%' },
];

/** Every value that is in force on this agent, with the policy it came from. */
export function EffectiveSettings({ detail }: { detail: AgentDetail }) {
  const styles = useStyles();
  return (
    <Section
      title="Effective settings"
      hint={
        <>
          All values come from the policy{' '}
          <Link href={`#/settings/targeted-agent-settings/${detail.policy.id}`}>{detail.policy.name}</Link>, version{' '}
          {detail.policy.version}: the first whose target matches this agent.
        </>
      }
    >
      <table className={styles.table}>
        <colgroup>
          {columns.map(({ header, width }) => (
            <col key={header} style={{ width }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map(({ header }) => (
              <th key={header} scope="col" className={styles.head}>
                {header}
              </th>
            ))}
          </tr>
        </thead>
        {settingTabs.map((tab) => (
          <tbody key={tab}>
            <tr>
              <th scope="rowgroup" colSpan={4} className={styles.tab}>
                {settingTabLabels[tab]}
              </th>
            </tr>
            {settingDescriptors
              .filter((descriptor) => descriptor.tab === tab)
              .map((descriptor) => (
                <EffectiveSetting key={descriptor.key} descriptor={descriptor} detail={detail} />
              ))}
          </tbody>
        ))}
      </table>
    </Section>
  );
}

function EffectiveSetting({ descriptor, detail }: { descriptor: SettingDescriptor; detail: AgentDetail }) {
  const styles = useStyles();
  const value = detail.settings[descriptor.key];
  const standard = defaultAgentSettings[descriptor.key];
  const isStandard = JSON.stringify(value) === JSON.stringify(standard);
  return (
    <tr>
      <th scope="row" className={styles.cell}>
        {descriptor.label}
      </th>
      <td className={`${styles.cell} ${styles.value}`}>{settingValueLines(descriptor, value).join('\n')}</td>
      <td className={`${styles.cell} ${styles.quiet}`}>
        {isStandard ? 'same' : settingValueWords(descriptor, standard)}
      </td>
      <td className={`${styles.cell} ${styles.quiet}`}>{detail.policy.name}</td>
    </tr>
  );
}
