import { Link, makeStyles, tokens } from '@fluentui/react-components';
import type { AgentDetail } from '../../../shared/contracts/console-api.ts';
import { settingDescriptors } from '../../../shared/contracts/setting-descriptors.ts';
import { defaultAgentSettings } from '../../../shared/contracts/settings.ts';
import { Section } from '../../components/page.tsx';
import { settingValueWords } from '../settings/setting-words.ts';

const useStyles = makeStyles({
  table: { borderCollapse: 'collapse', width: '100%', maxWidth: '960px' },
  head: {
    textAlign: 'left',
    padding: '4px 16px 4px 0',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground2,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  cell: {
    textAlign: 'left',
    fontWeight: tokens.fontWeightRegular,
    padding: '6px 16px 6px 0',
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    verticalAlign: 'top',
  },
  value: { fontVariantNumeric: 'tabular-nums', fontWeight: tokens.fontWeightSemibold },
  quiet: { color: tokens.colorNeutralForeground2 },
});

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
        <thead>
          <tr>
            {['Setting', 'Value', 'Default', 'Policy'].map((header) => (
              <th key={header} scope="col" className={styles.head}>
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {settingDescriptors.map((descriptor) => {
            const value = detail.settings[descriptor.key];
            const standard = defaultAgentSettings[descriptor.key];
            const isStandard = JSON.stringify(value) === JSON.stringify(standard);
            return (
              <tr key={descriptor.key}>
                <th scope="row" className={styles.cell}>
                  {descriptor.label}
                </th>
                <td className={`${styles.cell} ${styles.value}`}>{settingValueWords(descriptor, value)}</td>
                <td className={`${styles.cell} ${styles.quiet}`}>
                  {isStandard ? 'same' : settingValueWords(descriptor, standard)}
                </td>
                <td className={`${styles.cell} ${styles.quiet}`}>{detail.policy.name}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Section>
  );
}
