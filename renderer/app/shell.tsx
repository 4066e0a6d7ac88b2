import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { useEffect, useRef, useState } from 'react';
import type { Session } from '../../shared/contracts/people-api.ts';
import { usePath } from '../components/hooks.ts';
import { ConnectionBar } from './connection-bar.tsx';
import { Header } from './header.tsx';
import { narrow, navigationId } from './layout.ts';
import { LeaveDialog } from './leave-dialog.tsx';
import { NavigationTree } from './navigation.tsx';
import { Notices } from './notices.tsx';
import { Pages } from './pages.tsx';

const useStyles = makeStyles({
  shell: {
    height: '100%',
    display: 'grid',
    gridTemplateColumns: '256px minmax(0, 1fr)',
    gridTemplateRows: '48px auto minmax(0, 1fr)',
    gridTemplateAreas: '"header header" "bar bar" "navigation page"',
    color: tokens.colorNeutralForeground1,
    [narrow]: { gridTemplateColumns: 'minmax(0, 1fr)', gridTemplateAreas: '"header" "bar" "page"' },
  },
  skip: {
    position: 'absolute',
    left: '8px',
    top: '-48px',
    zIndex: 10,
    padding: '8px 12px',
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorBrandForegroundLink,
    ':focus': { top: '8px' },
  },
  header: { gridArea: 'header' },
  bar: { gridArea: 'bar' },
  navigation: {
    gridArea: 'navigation',
    overflowY: 'auto',
    padding: '12px 8px',
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground2,
    [narrow]: { display: 'none' },
  },
  openNavigation: {
    [narrow]: {
      display: 'block',
      gridArea: 'page',
      width: '256px',
      boxSizing: 'border-box',
      zIndex: 5,
      boxShadow: tokens.shadow16,
    },
  },
  page: {
    gridArea: 'page',
    position: 'relative',
    overflow: 'auto',
    scrollbarGutter: 'stable',
    backgroundColor: tokens.colorNeutralBackground1,
    ':focus': { outlineStyle: 'none' },
  },
});

/** Which page a path belongs to: changes inside one page (a tab, another policy) do not move the focus. */
function pageOf(path: string): string {
  const parts = path.split('/');
  return parts.slice(0, pagesBesideLists.has(parts[1] ?? '') ? 2 : 3).join('/');
}

/** What is chosen from these lists opens beside them: the keys go on in the list. */
const pagesBesideLists: ReadonlySet<string> = new Set(['sites', 'package-servers']);

export function Shell({ session }: { session: Session }) {
  const styles = useStyles();
  const main = useRef<HTMLElement>(null);
  const page = pageOf(usePath());
  const shownPage = useRef(page);
  const [isNavigationOpen, setIsNavigationOpen] = useState(false);
  useEffect(() => {
    if (shownPage.current === page) return;
    shownPage.current = page;
    setIsNavigationOpen(false);
    main.current?.focus({ preventScroll: true });
    main.current?.scrollTo(0, 0);
  }, [page]);
  return (
    <div className={styles.shell}>
      <button type="button" className={styles.skip} onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <div className={styles.header}>
        <Header
          session={session}
          isNavigationOpen={isNavigationOpen}
          onNavigation={() => setIsNavigationOpen(!isNavigationOpen)}
        />
      </div>
      <div className={styles.bar}>
        <ConnectionBar />
      </div>
      <nav
        id={navigationId}
        aria-label="Console"
        className={mergeClasses(styles.navigation, isNavigationOpen && styles.openNavigation)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setIsNavigationOpen(false);
        }}
      >
        <NavigationTree />
      </nav>
      <main ref={main} tabIndex={-1} className={styles.page}>
        <Pages />
      </main>
      <Notices />
      <LeaveDialog />
    </div>
  );
}
