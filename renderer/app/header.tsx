import {
  Button,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  Text,
  tokens,
} from '@fluentui/react-components';
import { NavigationRegular, PersonRegular, WeatherMoonRegular, WeatherSunnyRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { Session } from '../../shared/contracts/people-api.ts';
import { messageOf } from '../api/console-client.ts';
import { scopeWords } from '../components/words.ts';
import { theme } from '../services.ts';
import { notify } from '../stores/notice-store.ts';
import { signOut } from '../stores/session-store.ts';
import { type ThemeChoice, themeChoices } from '../stores/theme-store.ts';
import { narrow, navigationId } from './layout.ts';
import { OwnPasswordDialog } from './own-password-dialog.tsx';
import { useIsDark } from './theme.ts';

const themeWords: Record<ThemeChoice, string> = { system: 'As the system', light: 'Light', dark: 'Dark' };

const useStyles = makeStyles({
  header: {
    height: '48px',
    boxSizing: 'border-box',
    display: 'flex',
    alignItems: 'center',
    columnGap: '8px',
    padding: '0 12px 0 16px',
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  navigation: { display: 'none', [narrow]: { display: 'inline-flex' } },
  mark: { width: '24px', height: '24px' },
  product: { fontWeight: tokens.fontWeightSemibold, fontSize: tokens.fontSizeBase400 },
  server: {
    marginLeft: '8px',
    paddingLeft: '16px',
    borderLeft: `1px solid ${tokens.colorNeutralStroke2}`,
    color: tokens.colorNeutralForeground2,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
  },
  space: { flexGrow: 1 },
  person: { maxWidth: '320px', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
});

interface HeaderProps {
  readonly session: Session;
  readonly isNavigationOpen: boolean;
  readonly onNavigation: () => void;
}

export function Header({ session, isNavigationOpen, onNavigation }: HeaderProps) {
  const styles = useStyles();
  return (
    <header className={styles.header}>
      <Button
        appearance="subtle"
        className={styles.navigation}
        icon={<NavigationRegular />}
        aria-label="Navigation"
        aria-expanded={isNavigationOpen}
        aria-controls={navigationId}
        onClick={onNavigation}
      />
      <img src="/fanout.svg" alt="" className={styles.mark} />
      <Text className={styles.product}>Fanout</Text>
      <Text className={styles.server} title="Notification Server">
        {session.serverName}
      </Text>
      <span className={styles.space} />
      <ThemeMenu />
      <PersonMenu session={session} />
    </header>
  );
}

function ThemeMenu() {
  const choice = useStore(theme.store, (state) => state.choice);
  const isDark = useIsDark();
  return (
    <Menu
      checkedValues={{ theme: [choice] }}
      onCheckedValueChange={(_event, data) => {
        const next = themeChoices.find((candidate) => candidate === data.checkedItems[0]);
        if (next !== undefined) theme.choose(next);
      }}
    >
      <MenuTrigger disableButtonEnhancement>
        <Button
          appearance="subtle"
          icon={isDark ? <WeatherMoonRegular /> : <WeatherSunnyRegular />}
          aria-label="Colour theme"
          title="Colour theme"
        />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {themeChoices.map((candidate) => (
            <MenuItemRadio key={candidate} name="theme" value={candidate}>
              {themeWords[candidate]}
            </MenuItemRadio>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function PersonMenu({ session }: { session: Session }) {
  const styles = useStyles();
  const [isChanging, setIsChanging] = useState(false);
  const leave = async () => {
    try {
      await signOut();
    } catch (error) {
      notify('error', messageOf(error));
    }
  };
  return (
    <>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button
            appearance="subtle"
            icon={<PersonRegular />}
            className={styles.person}
            title={`Signed in as ${session.name}`}
          >
            {session.kind === 'local' ? 'Local administrator' : session.name}
          </Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuGroup>
              <MenuGroupHeader>
                {scopeWords[session.role]} · Fanout {session.productVersion}
              </MenuGroupHeader>
            </MenuGroup>
            <MenuDivider />
            {session.kind === 'account' && <MenuItem onClick={() => setIsChanging(true)}>Change password…</MenuItem>}
            <MenuItem onClick={() => void leave()}>Sign out</MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
      {isChanging && <OwnPasswordDialog onClose={() => setIsChanging(false)} />}
    </>
  );
}
