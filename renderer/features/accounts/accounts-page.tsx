import { makeStyles, Tab, TabList } from '@fluentui/react-components';
import type { PageProps } from '../../app/pages.tsx';
import { Page } from '../../components/page.tsx';
import { navigate } from '../../stores/route-store.ts';
import { AccountList } from './account-list.tsx';
import { ApiTokenList } from './api-token-list.tsx';
import { SessionList } from './session-list.tsx';

const tabs = [
  { id: 'people', label: 'Accounts' },
  { id: 'tokens', label: 'API tokens' },
  { id: 'sessions', label: 'Signed in' },
] as const;

const useStyles = makeStyles({ tabs: { marginLeft: '-10px' } });

/** Who may use the console, and who does. */
export function AccountsPage({ parameters }: PageProps) {
  const styles = useStyles();
  const tab = tabs.find(({ id }) => id === parameters.tab)?.id ?? 'people';
  const id = parameters.id === undefined || parameters.id === '' ? null : parameters.id;
  return (
    <Page
      title="Accounts"
      description="Administrators may do everything; helpdesk looks at everything and asks agents to report or try again."
      isFull
    >
      <TabList
        className={styles.tabs}
        aria-label="Accounts, tokens and sessions"
        selectedValue={tab}
        onTabSelect={(_event, data) => navigate(`/accounts/${String(data.value)}`)}
      >
        {tabs.map((entry) => (
          <Tab key={entry.id} value={entry.id}>
            {entry.label}
          </Tab>
        ))}
      </TabList>
      {tab === 'people' && <AccountList chosenId={id} />}
      {tab === 'tokens' && <ApiTokenList />}
      {tab === 'sessions' && <SessionList />}
    </Page>
  );
}
