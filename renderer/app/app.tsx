import { FluentProvider, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { QueryClientProvider } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useStore } from 'zustand';
import { answers, forgetAnswers } from '../api/answers.ts';
import { feed } from '../services.ts';
import { sessionStore } from '../stores/session-store.ts';
import { Shell } from './shell.tsx';
import { SignInPage } from './sign-in-page.tsx';
import { useFluentTheme, useIsDark } from './theme.ts';
import { useDesktopLink } from './use-desktop-link.ts';

const useStyles = makeStyles({
  frame: { height: '100%', backgroundColor: tokens.colorNeutralBackground2 },
  waiting: { height: '100%', display: 'grid', placeItems: 'center' },
});

export function App() {
  const styles = useStyles();
  const isDark = useIsDark();
  useDesktopLink();
  useEffect(() => {
    document.documentElement.style.colorScheme = isDark ? 'dark' : 'light';
  }, [isDark]);
  return (
    // Every portal takes the provider's class over, so that a background belongs to the frame inside.
    <FluentProvider theme={useFluentTheme()} style={{ height: '100%' }}>
      <div className={styles.frame}>
        <Gate />
      </div>
    </FluentProvider>
  );
}

/** Nothing but the way in is shown to somebody who is not signed in. */
function Gate() {
  const styles = useStyles();
  const { state } = useStore(sessionStore);
  const isSignedIn = state.kind === 'signed-in';
  useEffect(() => {
    if (!isSignedIn) return;
    feed.start();
    return () => {
      feed.stop();
      forgetAnswers();
    };
  }, [isSignedIn]);
  if (state.kind === 'signed-in') {
    return (
      <QueryClientProvider client={answers}>
        <Shell session={state.session} />
      </QueryClientProvider>
    );
  }
  if (state.kind === 'checking') {
    return (
      <div className={styles.waiting}>
        <Spinner label="Connecting to the Notification Server" />
      </div>
    );
  }
  return <SignInPage state={state} />;
}
